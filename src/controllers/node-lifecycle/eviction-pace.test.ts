import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodes } from "../../api/resources.ts";
import type { Node } from "../../api/types/core-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { createEvictionPace } from "./eviction-pace.ts";
import { defaultEvictionPolicy, mayChangeDisruption, planDisruption, zoneOf } from "./plan-disruption.ts";

describe("createEvictionPace", () => {
  it("gives up one node at once and the others one after the other, in the order they came", () => {
    const woken: string[] = [];
    const pace = createEvictionPace(0.1, (name) => woken.push(name));
    expect(pace.ask("a", "z", 0)).toEqual({ isGranted: true });
    expect(pace.ask("b", "z", 0)).toEqual({ isGranted: false, waitMs: 10_000 });
    expect(pace.ask("c", "z", 20_000)).toEqual({ isGranted: false });
    expect(pace.ask("b", "z", 20_000)).toEqual({ isGranted: true });
    expect(woken).toEqual(["c"]);
    expect(pace.ask("c", "z", 20_000)).toEqual({ isGranted: false, waitMs: 10_000 });
  });

  it("says yes again to a node that may be given up, until it leaves", () => {
    const pace = createEvictionPace(0.1, () => undefined);
    pace.ask("a", "z", 0);
    expect(pace.ask("a", "z", 1)).toEqual({ isGranted: true });
    pace.leave("a");
    expect(pace.ask("a", "z", 2)).toEqual({ isGranted: false, waitMs: 9_998 });
  });

  it("wakes the next one when the first leaves", () => {
    const woken: string[] = [];
    const pace = createEvictionPace(0.1, (name) => woken.push(name));
    for (const name of ["a", "b", "c"]) pace.ask(name, "z", 0);
    pace.leave("b");
    expect(woken).toEqual(["c"]);
    expect(pace.ask("c", "z", 10_000)).toEqual({ isGranted: true });
  });

  it("lets zones go side by side", () => {
    const pace = createEvictionPace(0.1, () => undefined);
    expect([pace.ask("a", "y", 0), pace.ask("b", "z", 0)]).toEqual([{ isGranted: true }, { isGranted: true }]);
  });

  it("stops at rate 0, and begins again with a full wait", () => {
    const woken: string[] = [];
    const pace = createEvictionPace(0.1, (name) => woken.push(name));
    pace.setRate("z", 0, 0);
    expect(pace.ask("a", "z", 0)).toEqual({ isGranted: false });
    pace.setRate("z", 0.01, 5_000);
    expect([woken, pace.ask("a", "z", 5_000)]).toEqual([["a"], { isGranted: false, waitMs: 100_000 }]);
  });

  it("never gives up more nodes of a zone than its rate allows", () => {
    const steps = fc.array(fc.record({ node: fc.nat(5), afterMs: fc.nat(4_000), leaves: fc.boolean() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const pace = createEvictionPace(0.5, () => undefined);
        const grants: number[] = [];
        const known = new Set<number>();
        let nowMs = 0;
        for (const { node, afterMs, leaves } of all) {
          nowMs += afterMs;
          if (leaves) pace.leave(String(node));
          if (leaves) known.delete(node);
          const { isGranted } = pace.ask(String(node), "z", nowMs);
          if (isGranted && !known.has(node)) grants.push(nowMs);
          if (isGranted) known.add(node);
        }
        expect(grants.every((atMs, index) => index === 0 || atMs - (grants[index - 1] as number) >= 2_000)).toBe(true);
      }),
    );
  });
});

const node = (ready: boolean | undefined, zone = "", labels: Readonly<Record<string, string>> = {}): Node =>
  buildObject(nodes, {
    metadata: { name: "n", labels: { ...(zone === "" ? {} : { "topology.kubernetes.io/zone": zone }), ...labels } },
    status: { conditions: ready === undefined ? [] : [{ type: "Ready", status: ready ? "True" : "Unknown" }] },
  });
const many = (ready: number, failed: number, zone = ""): Node[] => [
  ...Array.from({ length: ready }, () => node(true, zone)),
  ...Array.from({ length: failed }, () => node(false, zone)),
];

describe("planDisruption", () => {
  const north = zoneOf(node(true, "north"));
  const south = zoneOf(node(true, "south"));
  it.each<[string, readonly Node[], boolean, Readonly<Record<string, number>>]>([
    ["an empty cluster", [], false, {}],
    ["a healthy one", many(3, 0), false, { "": 0.1 }],
    ["some failures", many(3, 2), false, { "": 0.1 }],
    ["a small broken zone", many(2, 3), false, { "": 0 }],
    ["a large broken zone", many(20, 31), false, { "": 0.01 }],
    [
      "half of a zone, but of two nodes only",
      many(0, 2, "north").concat(many(1, 0, "south")),
      false,
      { [north]: 0.1, [south]: 0.1 },
    ],
    [
      "one zone of two that is gone",
      [...many(0, 9, "north"), ...many(2, 0, "south")],
      false,
      { [north]: 0.1, [south]: 0.1 },
    ],
    ["all nodes", [...many(0, 1, "north"), ...many(0, 2, "south")], true, { [north]: 0, [south]: 0 }],
    ["a node that has said nothing", [node(undefined)], true, { "": 0 }],
    ["nodes that do not count", [node(false, "", { "node.kubernetes.io/exclude-disruption": "" })], false, {}],
  ])("judges %s", (_name, cluster, isTotal, rates) => {
    const plan = planDisruption(cluster, defaultEvictionPolicy);
    expect([plan.isTotal, Object.fromEntries(plan.rates)]).toEqual([isTotal, rates]);
  });

  it("tells regions apart, and follows the older labels first", () => {
    const region = (name: string) => zoneOf(node(true, "a", { "topology.kubernetes.io/region": name }));
    expect(region("x")).not.toBe(region("y"));
    expect(zoneOf(node(true, "a", { "failure-domain.beta.kubernetes.io/zone": "b" }))).toBe(zoneOf(node(true, "b")));
  });

  it.each([
    ["readiness", node(true), node(false), true],
    ["the zone", node(true, "a"), node(true, "b"), true],
    ["a label that does not count", node(true), node(true, "", { any: "thing" }), false],
    ["coming", undefined, node(true), true],
    ["going", node(true), undefined, true],
  ])("may be another after a change of %s", (_name, before, after, expected) => {
    expect(mayChangeDisruption(before, after)).toBe(expected);
  });
});
