import { describe, expect, it } from "vitest";
import { createVirtualClock } from "../../src/base/virtual-clock.ts";
import { runClients } from "./clients.ts";
import { measureProcessTree } from "./resources.ts";
import { best, describeLatencies, median, quantile } from "./statistics.ts";
import { renderTable } from "./table.ts";

describe("statistics", () => {
  const hundred = Array.from({ length: 100 }, (_unused, index) => 100 - index);
  it("takes quantiles by nearest rank, the median between two, and the best of its kind", () => {
    expect([0, 0.5, 0.95, 0.99, 1].map((share) => quantile(hundred, share))).toEqual([1, 50, 95, 99, 100]);
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), best([2, 3], "higher"), best([2, 3], "lower")]).toEqual([
      2, 2.5, 3, 2,
    ]);
    expect(describeLatencies(hundred)).toBe("p50 50.00, p95 95.00, p99 99.00 ms");
  });
});

describe("table", () => {
  it("shows best, median, goals and ratios, where one or more meets the goal", () => {
    const table = renderTable({ id: "P0", title: "Things", goal: "many, fast", firstStepGoal: "some" }, [
      {
        figure: "things",
        unit: "1/s",
        better: "higher",
        samples: [1000, 3000, 2500],
        goal: 5000,
        firstStepGoal: 1250,
        note: "alone",
      },
      { figure: "p95", unit: "ms", better: "lower", samples: [2, 1.5, 4], goal: 3 },
      { figure: "memory", unit: "MB", better: "lower", samples: [12.345] },
    ]);
    expect(table).toBe(
      [
        "P0  Things",
        "  goal: many, fast (first step: some)",
        "  figure   best  median  unit           goal          ratio",
        "  things  3,000   2,500  1/s   5,000 (1,250)  0.50x (2.00x)",
        "      alone",
        "  p95       1.5       2  ms                3          1.50x",
        "  memory   12.3    12.3  MB",
      ].join("\n"),
    );
  });
});

describe("clients", () => {
  it("start their next operation when the last is done, and count each once", async () => {
    const clock = createVirtualClock();
    const indexes: number[] = [];
    const running = runClients({
      clock,
      clients: 3,
      durationMs: 100,
      operation(index) {
        indexes.push(index);
        return new Promise<void>((resolve) => void clock.setTimer(20, resolve));
      },
    });
    await clock.advance(200);
    expect(await running).toEqual({
      operations: 15,
      perSecond: 150,
      elapsedMs: 100,
      latenciesMs: Array.from({ length: 15 }, () => 20),
    });
    expect(indexes).toEqual(Array.from({ length: 15 }, (_unused, index) => index + 1));
  });
});

describe("process tree", () => {
  it("counts this process, and nothing that is left out", () => {
    const usage = measureProcessTree(process.pid);
    expect(usage.residentBytes).toBeGreaterThan(10_000_000);
    expect(usage.cpuSeconds).toBeGreaterThan(0);
    expect(measureProcessTree(process.pid, () => false)).toEqual({ residentBytes: 0, cpuSeconds: 0 });
  });
});
