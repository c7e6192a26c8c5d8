import { describe, expect, it } from "vitest";
import { crashLoopPolicy, createKeyedBackoff } from "./keyed-backoff.ts";

describe("createKeyedBackoff", () => {
  it("doubles the delay with each attempt up to the longest", () => {
    const backoff = createKeyedBackoff(crashLoopPolicy);
    const delays: (number | undefined)[] = [];
    let nowMs = 0;
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const waiting = backoff.waiting("web", nowMs, nowMs);
      delays.push(waiting?.delayMs);
      const failedAtMs = nowMs;
      nowMs += waiting?.delayMs ?? 0;
      backoff.attempt("web", failedAtMs, nowMs);
    }
    expect(delays).toEqual([undefined, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  it("tells when the delay is over", () => {
    const backoff = createKeyedBackoff(crashLoopPolicy);
    backoff.attempt("web", 0, 0);
    expect(backoff.waiting("web", 1_000, 5_000)).toEqual({ delayMs: 10_000, untilMs: 11_000 });
    expect(backoff.waiting("web", 1_000, 11_000)).toBeUndefined();
  });

  it("begins anew after a long time without failures", () => {
    const backoff = createKeyedBackoff(crashLoopPolicy);
    backoff.attempt("web", 0, 0);
    backoff.attempt("web", 10_000, 20_000);
    expect(backoff.waiting("web", 620_000, 620_000)?.delayMs).toBe(20_000);
    expect(backoff.waiting("web", 620_001, 620_001)).toBeUndefined();
    backoff.attempt("web", 620_001, 620_001);
    expect(backoff.waiting("web", 620_002, 620_002)?.delayMs).toBe(10_000);
  });

  it("keeps keys apart, and forgets those that are asked for", () => {
    const backoff = createKeyedBackoff(crashLoopPolicy);
    backoff.attempt("pod-1_web", 0, 0);
    backoff.attempt("pod-2_web", 0, 0);
    backoff.forget("pod-1_");
    expect(backoff.waiting("pod-1_web", 0, 0)).toBeUndefined();
    expect(backoff.waiting("pod-2_web", 0, 0)).toBeDefined();
  });
});
