import { describe, expect, it } from "vitest";
import { pods } from "../../api/resources.ts";
import type { Toleration } from "../../api/types/core-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { planStayMs, sameTaints } from "./plan-eviction.ts";

const taint = (key: string, value?: string) => ({
  key,
  effect: "NoExecute" as const,
  ...(value === undefined ? {} : { value }),
});

describe("planStayMs", () => {
  const forever = Number.POSITIVE_INFINITY;
  it.each<[string, readonly Toleration[], readonly string[], number]>([
    ["stays for good without taints", [], [], forever],
    ["may not stay with a taint that it does not tolerate", [], ["a"], 0],
    ["may not stay when it tolerates one of two", [{ key: "a", operator: "Exists" }], ["a", "b"], 0],
    ["stays for good when it tolerates all without limit", [{ operator: "Exists" }], ["a", "b"], forever],
    [
      "stays for the shortest of its tolerations",
      [
        { key: "a", operator: "Exists", tolerationSeconds: 300 },
        { key: "b", operator: "Exists", tolerationSeconds: 20 },
      ],
      ["a", "b"],
      20_000,
    ],
    [
      "goes by the first toleration that fits",
      [
        { key: "a", operator: "Exists" },
        { key: "a", operator: "Exists", tolerationSeconds: 20 },
      ],
      ["a"],
      forever,
    ],
    ["may not stay for no time", [{ key: "a", operator: "Exists", tolerationSeconds: -5 }], ["a"], 0],
    [
      "is not held by a toleration of another effect",
      [{ key: "a", operator: "Exists", effect: "NoSchedule" }],
      ["a"],
      0,
    ],
  ])("%s", (_name, tolerations, keys, expected) => {
    const pod = buildObject(pods, { spec: { containers: [], tolerations } });
    expect(
      planStayMs(
        pod,
        keys.map((key) => taint(key)),
      ),
    ).toBe(expected);
  });
});

describe("sameTaints", () => {
  it.each([
    ["added at other times", [{ ...taint("a"), timeAdded: "2026-01-01T00:00:00Z" }], [taint("a")], true],
    ["with other values", [taint("a", "x")], [taint("a", "y")], false],
    ["of other keys", [taint("a")], [taint("b")], false],
  ])("compares taints %s", (_name, a, b, expected) => {
    expect(sameTaints(a, b)).toBe(expected);
  });
});
