import { describe, expect, test } from "vitest";
import { createSeededRandom } from "../../base/random.ts";
import { createPortPool } from "./port-pool.ts";

const nodePorts = { first: 30_000, last: 32_767 };

describe("a pool of ports", () => {
  test("gives each port once, those for users last", () => {
    const pool = createPortPool(nodePorts, createSeededRandom(1));
    const taken: number[] = [];
    for (let port = pool.findFree(); port !== undefined; port = pool.findFree()) {
      pool.hold(port);
      taken.push(port);
    }
    expect(new Set(taken).size).toBe(2768);
    expect(Math.min(...taken.slice(0, -86))).toBe(30_086);
    expect(Math.max(...taken.slice(-86))).toBe(30_085);
  });

  test.each([
    { name: "free", port: 30_000, fault: undefined },
    { name: "taken", port: 31_000, fault: "provided port is already allocated" },
    {
      name: "elsewhere",
      port: 80,
      fault: "provided port is not in the valid range. The range of valid ports is 30000-32767",
    },
  ])("says of one that is $name: $fault", ({ port, fault }) => {
    const pool = createPortPool(nodePorts, createSeededRandom(1));
    pool.hold(31_000);
    expect(pool.fault(port)).toBe(fault);
  });

  test("that is small has no part for users alone", () => {
    const pool = createPortPool({ first: 30_000, last: 30_003 }, { next: () => 0, bytes: () => new Uint8Array() });
    expect(pool.findFree()).toBe(30_000);
  });
});
