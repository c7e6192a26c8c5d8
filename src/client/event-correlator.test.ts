import { describe, expect, it } from "vitest";
import { formatTime } from "../base/clock.ts";
import { createEventCorrelator, type DraftEvent } from "./event-correlator.ts";

const startMs = Date.UTC(2026, 0, 1);

function draft(
  message: string,
  more: { pod?: string; reason?: string; atMs?: number; name?: string } = {},
): DraftEvent {
  const time = formatTime(more.atMs ?? startMs);
  return {
    metadata: { name: more.name ?? "web.1", namespace: "ns" },
    involvedObject: { kind: "Pod", namespace: "ns", name: more.pod ?? "web", uid: `uid-${more.pod ?? "web"}` },
    reason: more.reason ?? "BackOff",
    message,
    source: { component: "kubelet", host: "node-1" },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type: "Warning",
  };
}

const names = (objectName: string, nowMs: number): string => `${objectName}.combined-${nowMs - startMs}`;

describe("event correlator", () => {
  it("counts equal events on the first one", () => {
    const correlator = createEventCorrelator(names);
    const laterMs = startMs + 5_000;
    const first = correlator.correlate(draft("restarting"), startMs);
    const second = correlator.correlate(draft("restarting", { atMs: laterMs, name: "web.2" }), laterMs);
    expect([first, second]).toEqual([
      { action: "create", event: draft("restarting") },
      {
        action: "count",
        event: { ...draft("restarting"), lastTimestamp: "2026-01-01T00:00:05Z", count: 2 },
        patch: { count: 2, lastTimestamp: "2026-01-01T00:00:05Z", message: "restarting" },
      },
    ]);
  });

  it("goes on from the name and count that the server has stored", () => {
    const correlator = createEventCorrelator(names);
    const stored = { ...draft("restarting"), metadata: { name: "web.stored", namespace: "ns" }, count: 41 };
    correlator.stored(stored as never);
    const next = correlator.correlate(draft("restarting"), startMs);
    expect(next).toMatchObject({ action: "count", event: { metadata: { name: "web.stored" } }, patch: { count: 42 } });
  });

  it("lets the tenth similar event within ten minutes stand for those that follow", () => {
    const correlator = createEventCorrelator(names);
    const results = Array.from({ length: 12 }, (_unused, index) =>
      correlator.correlate(draft(`message ${index}`), startMs + index),
    );
    expect(results.slice(0, 9).every((result) => result.action === "create")).toBe(true);
    expect(results.slice(9)).toMatchObject([
      {
        action: "create",
        event: { metadata: { name: "web.combined-9" }, message: "(combined from similar events): message 9", count: 1 },
      },
      { action: "count", patch: { count: 2, message: "(combined from similar events): message 10" } },
      { action: "count", patch: { count: 3, message: "(combined from similar events): message 11" } },
    ]);
  });

  it("begins a new group when similar events have been silent for more than ten minutes", () => {
    const correlator = createEventCorrelator(names);
    for (let index = 0; index < 10; index += 1) correlator.correlate(draft(`message ${index}`), startMs);
    const later = correlator.correlate(draft("message 99"), startMs + 600_001);
    expect(later).toMatchObject({ action: "create", event: { message: "message 99" } });
  });

  it("grants each object 25 events at once and one more every five minutes", () => {
    const correlator = createEventCorrelator(names);
    const at = (nowMs: number, reason: string, pod?: string): string =>
      correlator.correlate(draft("same words", { reason, ...(pod === undefined ? {} : { pod }) }), nowMs).action;
    const actions = Array.from({ length: 27 }, (_unused, index) => at(startMs, `Reason${index}`));
    expect(actions.filter((action) => action === "create").length).toBe(25);
    expect(actions.slice(25)).toEqual(["skip", "skip"]);
    expect(at(startMs, "Other", "another-pod")).toBe("create");
    expect(at(startMs + 299_000, "Later")).toBe("skip");
    expect(at(startMs + 300_000, "Later still")).toBe("create");
  });
});
