import { describe, expect, it } from "vitest";
import { findCondition, isConditionTrue, removeCondition, setCondition } from "./conditions.ts";
import { equalSemantically } from "./equal.ts";
import { freezeDeep } from "./freeze.ts";
import type { ApiObject } from "./metadata.ts";
import {
  annotationOf,
  controllerOf,
  hasFinalizer,
  isBeingDeleted,
  isControlledBy,
  isOwnedBy,
  labelOf,
  newControllerRef,
  withEntries,
  withFinalizer,
  withoutFinalizer,
} from "./object-meta.ts";

const owner: ApiObject = {
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: { name: "web", uid: "u1", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
};

describe("object metadata", () => {
  it("tells who manages an object, by uid and not by name", () => {
    const reference = newControllerRef(owner);
    const object = { metadata: { ownerReferences: [{ ...reference, uid: "u2", controller: false }, reference] } };
    const namesake = { metadata: { ...owner.metadata, uid: "u3" } };
    expect([
      controllerOf(object),
      isControlledBy(object, owner),
      isControlledBy(object, namesake),
      isOwnedBy(object, { metadata: { uid: "u2" } }),
      isControlledBy({ metadata: {} }, { metadata: {} }),
    ]).toEqual([
      { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "u1", controller: true, blockOwnerDeletion: true },
      true,
      false,
      true,
      false,
    ]);
  });

  it("looks labels up without falling for a prototype", () => {
    const object = { metadata: { labels: { app: "web" } } };
    expect([labelOf(object, "app"), labelOf(object, "constructor"), annotationOf(object, "app")]).toEqual([
      "web",
      undefined,
      undefined,
    ]);
  });

  it("changes entries without touching the old ones, and not at all when nothing changes", () => {
    const old = freezeDeep({ a: "1", b: "2" });
    expect(withEntries(old, { a: "1", c: undefined })).toBe(old);
    expect({ ...withEntries(old, { a: undefined, c: "3" }) }).toEqual({ b: "2", c: "3" });
    expect(Object.keys(withEntries(undefined, JSON.parse('{"__proto__":"x"}')))).toEqual(["__proto__"]);
  });

  it("adds and removes finalizers, and keeps the list when nothing changes", () => {
    const list = freezeDeep(["a/b"]);
    expect([withFinalizer(list, "c/d"), withoutFinalizer(list, "a/b"), withFinalizer(undefined, "x")]).toEqual([
      ["a/b", "c/d"],
      [],
      ["x"],
    ]);
    expect([withFinalizer(list, "a/b") === list, withoutFinalizer(list, "z") === list]).toEqual([true, true]);
    expect([hasFinalizer({ metadata: { finalizers: list } }, "a/b"), isBeingDeleted({ metadata: {} })]).toEqual([
      true,
      false,
    ]);
  });
});

describe("conditions", () => {
  const now = "2026-01-02T00:00:00Z";
  const ready = { type: "Ready", status: "True", reason: "Up", lastTransitionTime: "2026-01-01T00:00:00Z" };
  const list = freezeDeep([ready, { type: "Other", status: "False" }]);

  it("keep the time of their last transition while the status stays", () => {
    expect(setCondition(list, { type: "Ready", status: "True", reason: "StillUp" }, now)[0]).toEqual({
      ...ready,
      reason: "StillUp",
    });
  });

  it("take the present time, or the one given, when the status changes or they are new", () => {
    const changed = setCondition(list, { type: "Ready", status: "False" }, now);
    const added = setCondition(
      changed,
      { type: "New", status: "True", lastTransitionTime: "2026-01-03T00:00:00Z" },
      now,
    );
    expect(added).toEqual([
      { ...ready, status: "False", lastTransitionTime: now },
      { type: "Other", status: "False" },
      { type: "New", status: "True", lastTransitionTime: "2026-01-03T00:00:00Z" },
    ]);
  });

  it("stay the same list when nothing changes", () => {
    expect(setCondition(list, { type: "Ready", status: "True", reason: "Up" }, now)).toBe(list);
    expect(removeCondition(list, "Missing")).toBe(list);
    expect(removeCondition(list, "Ready")).toHaveLength(1);
    expect([isConditionTrue(list, "Ready"), isConditionTrue(undefined, "Ready"), findCondition(list, "Nope")]).toEqual([
      true,
      false,
      undefined,
    ]);
  });
});

describe("semantic equality", () => {
  it.each<[string, unknown, unknown, boolean]>([
    ["the order of keys", { a: 1, b: 2 }, { b: 2, a: 1 }, true],
    ["absent and undefined", { a: undefined }, {}, true],
    ["absent, null and the empty list", { a: null, b: [] }, {}, true],
    ["absent and the empty object", { a: {} }, {}, false],
    ["absent and zero", { a: 0 }, {}, false],
    ["lists in another order", [1, 2], [2, 1], false],
    ["lists and objects", { 0: 1 }, [1], false],
    ["a key that only a prototype has", { constructor: undefined }, {}, true],
    ["an own key that a prototype has too", JSON.parse('{"constructor":1}'), {}, false],
    ["big integers", { a: 9_223_372_036_854_775_807n }, { a: 9_223_372_036_854_775_807n }, true],
  ])("with %s", (_name, a, b, equal) => {
    expect([equalSemantically(a, b), equalSemantically(b, a)]).toEqual([equal, equal]);
  });
});
