import { describe, expect, it } from "vitest";
import type { Taint, Toleration } from "../api/types/core-v1.ts";
import { findUntoleratedTaint, formatTaint, toleratesTaint } from "./taints.ts";

const taint: Taint = { key: "gpu", value: "big", effect: "NoSchedule" };

describe("toleration", () => {
  it.each<[string, Toleration, boolean]>([
    ["the same key, value and effect", { key: "gpu", operator: "Equal", value: "big", effect: "NoSchedule" }, true],
    ["no operator: equal", { key: "gpu", value: "big", effect: "NoSchedule" }, true],
    ["another value", { key: "gpu", value: "small", effect: "NoSchedule" }, false],
    ["no value where the taint has one", { key: "gpu" }, false],
    ["the key alone", { key: "gpu", operator: "Exists" }, true],
    ["another effect", { key: "gpu", operator: "Exists", effect: "NoExecute" }, false],
    ["another key", { key: "cpu", operator: "Exists" }, false],
    ["everything", { operator: "Exists" }, true],
    ["everything of one effect", { operator: "Exists", effect: "NoSchedule" }, true],
    ["a comparison, which is off", { key: "gpu", operator: "Gt", value: "1" }, false],
  ])("of %s", (_name, toleration, expected) => {
    expect(toleratesTaint(toleration, taint)).toBe(expected);
  });

  it("leaves the first taint of a given effect that nothing tolerates", () => {
    const taints: Taint[] = [
      { key: "a", effect: "PreferNoSchedule" },
      { key: "b", effect: "NoSchedule" },
      { key: "c", effect: "NoExecute" },
    ];
    const tolerations: Toleration[] = [{ key: "b", operator: "Exists" }];
    expect([
      findUntoleratedTaint(taints, tolerations, ["NoSchedule", "NoExecute"])?.key,
      findUntoleratedTaint(taints, undefined, ["NoSchedule"])?.key,
      findUntoleratedTaint(undefined, tolerations, ["NoSchedule"])?.key,
    ]).toEqual(["c", "b", undefined]);
  });
});

describe("taint", () => {
  it.each<[Taint, string]>([
    [taint, "gpu=big:NoSchedule"],
    [{ key: "gpu", effect: "NoExecute" }, "gpu:NoExecute"],
  ])("is written %o", (value, text) => {
    expect(formatTaint(value)).toBe(text);
  });
});
