import { describe, expect, it } from "vitest";
import type { NodeSelectorRequirement, NodeSelectorTerm } from "../api/types/core-v1.ts";
import {
  matchesNodeSelector,
  matchesNodeSelectorTerm,
  matchesRequiredNodes,
  preferenceScore,
} from "./node-selector.ts";

const node = { metadata: { name: "n1", labels: { zone: "a", cores: "8", odd: "x" } } };
const term = (...matchExpressions: NodeSelectorRequirement[]): NodeSelectorTerm => ({ matchExpressions });

describe("node selector term", () => {
  it.each<[string, NodeSelectorTerm, boolean]>([
    ["with nothing in it", {}, false],
    ["a label of a set", term({ key: "zone", operator: "In", values: ["b", "a"] }), true],
    ["a missing label of a set", term({ key: "rack", operator: "In", values: ["a"] }), false],
    ["a missing label not of a set", term({ key: "rack", operator: "NotIn", values: ["a"] }), true],
    ["a label that must be there", term({ key: "zone", operator: "Exists" }), true],
    ["a label that only a prototype has", term({ key: "constructor", operator: "Exists" }), false],
    ["a label that must not be there", term({ key: "zone", operator: "DoesNotExist" }), false],
    ["a greater number", term({ key: "cores", operator: "Gt", values: ["7"] }), true],
    ["an equal number", term({ key: "cores", operator: "Lt", values: ["8"] }), false],
    ["a number beyond 2^53", term({ key: "cores", operator: "Lt", values: ["9007199254740993"] }), true],
    ["a number where there is a word", term({ key: "odd", operator: "Gt", values: ["1"] }), false],
    [
      "two conditions, one of them met",
      term({ key: "zone", operator: "Exists" }, { key: "x", operator: "Exists" }),
      false,
    ],
    ["the node's name", { matchFields: [{ key: "metadata.name", operator: "In", values: ["n1"] }] }, true],
    ["another node's name", { matchFields: [{ key: "metadata.name", operator: "NotIn", values: ["n2"] }] }, true],
    ["several names at once", { matchFields: [{ key: "metadata.name", operator: "In", values: ["n1", "n2"] }] }, false],
  ])("asking for %s", (_name, value, expected) => {
    expect(matchesNodeSelectorTerm(value, node)).toBe(expected);
  });

  it("is one of several that suffice, and none suffices when there are none", () => {
    const terms = [term({ key: "x", operator: "Exists" }), term({ key: "zone", operator: "Exists" })];
    expect([
      matchesNodeSelector({ nodeSelectorTerms: terms }, node),
      matchesNodeSelector({ nodeSelectorTerms: [] }, node),
    ]).toEqual([true, false]);
  });
});

describe("pod's choice of nodes", () => {
  const required = (...nodeSelectorTerms: NodeSelectorTerm[]) => ({
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
  });

  it.each([
    ["none", {}, true],
    ["a label", { nodeSelector: { zone: "a" } }, true],
    [
      "a label and an affinity",
      { nodeSelector: { zone: "a" }, affinity: required(term({ key: "x", operator: "Exists" })) },
      false,
    ],
    ["an affinity alone", { affinity: required(term({ key: "odd", operator: "Exists" })) }, true],
    ["a label with another value", { nodeSelector: { zone: "b" } }, false],
  ])("by %s", (_name, pod, expected) => {
    expect(matchesRequiredNodes(pod, node)).toBe(expected);
  });

  it("adds up the weights of preferences that are met", () => {
    const preference = (key: string, weight: number) => ({ weight, preference: term({ key, operator: "Exists" }) });
    expect(preferenceScore([preference("zone", 5), preference("x", 7), preference("odd", 2)], node)).toBe(7);
  });
});
