import { describe, expect, it } from "vitest";
import { slowStart } from "./slow-start.ts";

describe("slow start", () => {
  it("does everything in batches that double, side by side within a batch", async () => {
    const batches: number[] = [];
    let running = 0;
    const result = await slowStart(10, async () => {
      running += 1;
      if (running === 1) batches.push(0);
      batches[batches.length - 1] = Math.max(batches[batches.length - 1] as number, running);
      await undefined;
      running -= 1;
    });
    expect({ result, batches }).toEqual({ result: { succeeded: 10 }, batches: [1, 2, 4, 3] });
  });

  it.each([
    { name: "at once", failFrom: 0, tried: 1, succeeded: 0 },
    { name: "later", failFrom: 2, tried: 3, succeeded: 2 },
  ])("stops after the batch with a failure: $name", async ({ failFrom, tried, succeeded }) => {
    let calls = 0;
    const result = await slowStart(100, async (index) => {
      calls += 1;
      if (index >= failFrom) throw new Error("exceeded quota");
    });
    expect({ calls, succeeded: result.succeeded, error: (result.error as Error).message }).toEqual({
      calls: tried,
      succeeded,
      error: "exceeded quota",
    });
  });
});
