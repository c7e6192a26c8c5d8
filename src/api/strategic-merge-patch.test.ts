import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freezeDeep } from "./freeze.ts";
import type { JsonObject } from "./json-value.ts";
import { PatchConflictError, PatchPreconditionError } from "./patch-conflict.ts";
import { PatchError } from "./patch-error.ts";
import { createSchemaRegistry } from "./schema.ts";
import {
  applyStrategicMergePatch,
  createThreeWayStrategicPatch,
  createTwoWayStrategicPatch,
} from "./strategic-merge-patch.ts";

const schemas = createSchemaRegistry();
const podSpec = schemas.struct("core.v1.PodSpec");
const meta = schemas.struct("meta.v1.ObjectMeta");
const deploymentSpec = schemas.struct("apps.v1.DeploymentSpec");

const a = { name: "a", image: "one", args: ["1", "2"], env: [{ name: "X", value: "1" }] };
const b = { name: "b", image: "two" };
const pod: JsonObject = freezeDeep({
  containers: [a, b],
  nodeSelector: { disk: "ssd" },
  tolerations: [{ key: "k" }],
});

const patched = (schema: typeof podSpec, original: JsonObject, patch: JsonObject): JsonObject =>
  applyStrategicMergePatch(schema, freezeDeep(original), freezeDeep(patch)).object;

describe("strategic merge patch", () => {
  it.each<[string, JsonObject, JsonObject]>([
    [
      "merges list items by key, the patched ones in the patch's order",
      { containers: [{ name: "b", image: "3" }] },
      { ...pod, containers: [a, { name: "b", image: "3" }] },
    ],
    [
      "puts new items first, unless the patch has them behind others",
      { containers: [{ name: "c" }, { name: "b" }] },
      { ...pod, containers: [{ name: "c" }, a, b] },
    ],
    [
      "replaces lists that are not merged",
      { containers: [{ name: "a", args: ["3"] }], tolerations: [{ key: "z" }] },
      { ...pod, containers: [{ ...a, args: ["3"] }, b], tolerations: [{ key: "z" }] },
    ],
    [
      "merges lists inside list items",
      { containers: [{ name: "a", env: [{ name: "Y", value: "2" }] }] },
      { ...pod, containers: [{ ...a, env: [{ name: "Y", value: "2" }, ...a.env] }, b] },
    ],
    ["deletes an item", { containers: [{ name: "a", $patch: "delete" }] }, { ...pod, containers: [b] }],
    [
      "replaces a merged list",
      { containers: [{ name: "z" }, { $patch: "replace" }] },
      { ...pod, containers: [{ name: "z" }] },
    ],
    ["replaces an object", { nodeSelector: { $patch: "replace", zone: "1" } }, { ...pod, nodeSelector: { zone: "1" } }],
    ["empties an object", { nodeSelector: { $patch: "delete" } }, { ...pod, nodeSelector: {} }],
    [
      "deletes members by null",
      { nodeSelector: null, containers: [{ name: "a", args: null }] },
      { containers: [{ name: "a", image: "one", env: a.env }, b], tolerations: [{ key: "k" }] },
    ],
    [
      "orders items as told",
      { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] },
      { ...pod, containers: [b, a] },
    ],
    [
      "orders and merges at once",
      {
        "$setElementOrder/containers": [{ name: "c" }, { name: "a" }],
        containers: [{ name: "c" }, { name: "a", image: "3" }],
      },
      { ...pod, containers: [{ name: "c" }, { ...a, image: "3" }, b] },
    ],
    [
      "adds an object without its nulls and deleted items",
      {
        affinity: { nodeAffinity: null, podAffinity: { x: [{ $patch: "delete" }, { y: null }] } },
      },
      { ...pod, affinity: { podAffinity: { x: [{}] } } },
    ],
  ])("%s", (_name, patch, result) => {
    expect(patched(podSpec, pod, patch)).toEqual(result);
  });

  it.each<[string, JsonObject, JsonObject]>([
    ["merges", { finalizers: ["c", "a"] }, { finalizers: ["c", "a", "b"] }],
    ["deletes from", { "$deleteFromPrimitiveList/finalizers": ["a"] }, { finalizers: ["b"] }],
    ["orders", { "$setElementOrder/finalizers": ["b", "a"] }, { finalizers: ["b", "a"] }],
    [
      "adds to and orders",
      { "$setElementOrder/finalizers": ["c", "a"], finalizers: ["c"] },
      { finalizers: ["c", "a", "b"] },
    ],
  ])("%s lists of plain values", (_name, patch, result) => {
    expect(patched(meta, { finalizers: ["a", "b"] }, patch)).toEqual(result);
  });

  it("keeps only the members that $retainKeys lists", () => {
    const original = { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } };
    const patch = { strategy: { $retainKeys: ["type"], type: "Recreate" } };
    expect(patched(deploymentSpec, original, patch)).toEqual({ strategy: { type: "Recreate" } });
  });

  it("says what messages show of the patch", () => {
    const patch = { "$setElementOrder/containers": [{ name: "a" }], containers: [{ name: "a", bar: 1 }], foo: null };
    expect(applyStrategicMergePatch(podSpec, pod, patch).remainder).toEqual({ foo: null });
    expect(Object.keys(patch)).toHaveLength(3);
  });

  it.each<[string, JsonObject, 400 | 422 | 500, string]>([
    [
      "an item without its key",
      { containers: [{ image: "z" }] },
      500,
      "map: map[image:z] does not contain declared merge key: name",
    ],
    [
      "items of another type",
      { containers: ["a"] },
      500,
      "list element types are not identical: [[map[args:[1 2] env:[map[name:X value:1]] image:one name:a] map[image:two name:b]] [a]]",
    ],
    [
      "an unknown directive",
      { nodeSelector: { $patch: "foo" } },
      500,
      "unknown patch type: foo in map: map[$patch:foo]",
    ],
    [
      "an unknown directive on an item",
      { containers: [{ name: "a", $patch: "merge" }] },
      500,
      "merging lists cannot yet be specified in the patch",
    ],
    [
      "members that $retainKeys does not list",
      { nodeSelector: { $retainKeys: ["a"], b: "1" } },
      400,
      "invalid patch format of retainKeys",
    ],
    [
      "a deletion list without field",
      { $deleteFromPrimitiveList: ["a"] },
      400,
      "invalid patch format of primitive list",
    ],
    ["an order list without field", { $setElementOrder: ["a"] }, 400, "invalid patch format of setElementOrder list"],
    [
      "an order that is no list",
      { "$setElementOrder/containers": 5 },
      500,
      "expected a []interface {}, but received a int64",
    ],
    [
      "an order for a field that is not there",
      { "$setElementOrder/foo": [1] },
      500,
      'unable to find api field in struct PodSpec for the json field "foo"',
    ],
    [
      "an order that the patch does not keep",
      {
        "$setElementOrder/containers": [{ name: "b" }],
        containers: [{ name: "a", image: "q" }],
      },
      500,
      "The order in patch list:\n[map[image:q name:a]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
    ],
  ])("refuses %s in upstream's words", (_name, patch, code, message) => {
    expect(() => patched(podSpec, pod, patch)).toThrow(new PatchError(code, message));
  });

  it("merges long lists in good time", () => {
    const items = (count: number, image: string) =>
      Array.from({ length: count }, (_unused, i) => ({ name: `c${i}`, image }));
    const result = patched(podSpec, { containers: items(20_000, "old") }, { containers: items(20_000, "new") });
    expect((result["containers"] as unknown[]).length).toBe(20_000);
  });
});

describe("strategic patches made from objects", () => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const ports = fc.uniqueArray(fc.record({ containerPort: fc.integer({ min: 1, max: 5 }), name }), {
    selector: (port) => port.containerPort,
    maxLength: 4,
  });
  const containers = fc.uniqueArray(fc.record({ name, image: name, args: fc.array(name, { maxLength: 2 }), ports }), {
    selector: (container) => container.name,
    maxLength: 4,
  });
  const specs = fc.record(
    { containers, nodeSelector: fc.dictionary(name, name), hostname: name },
    { requiredKeys: [] },
  );

  it("turn one object into the other", () => {
    fc.assert(
      fc.property(specs, specs, (before, after) => {
        const patch = createTwoWayStrategicPatch(podSpec, freezeDeep(before), freezeDeep(after));
        expect(patched(podSpec, before, patch)).toEqual({ ...after });
      }),
    );
  });

  it("from three objects give what is wanted when nobody else has changed anything", () => {
    fc.assert(
      fc.property(specs, specs, (before, after) => {
        const patch = createThreeWayStrategicPatch(podSpec, before, after, before, { overwrite: true });
        expect(patched(podSpec, before, patch)).toEqual({ ...after });
      }),
    );
  });

  it("leave what others have added, and delete what is no longer wanted", () => {
    const original = {
      containers: [
        { name: "a", image: "1" },
        { name: "gone", image: "1" },
      ],
      hostname: "x",
    };
    const modified = { containers: [{ name: "a", image: "2" }] };
    const current: JsonObject = {
      ...original,
      containers: [...original.containers, { name: "theirs", image: "1" }],
      nodeName: "n",
    };
    expect(createThreeWayStrategicPatch(podSpec, original, modified, current, { overwrite: true })).toEqual({
      "$setElementOrder/containers": [{ name: "a" }],
      containers: [
        { name: "a", image: "2" },
        { name: "gone", $patch: "delete" },
      ],
      hostname: null,
    });
  });

  it("carry the keys to keep where the schema asks for it", () => {
    const before = { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } };
    expect(createTwoWayStrategicPatch(deploymentSpec, before, { strategy: { type: "Recreate" } })).toEqual({
      strategy: { $retainKeys: ["type"], type: "Recreate", rollingUpdate: null },
    });
  });

  it("conflict with somebody else's change unless they overwrite it", () => {
    const make = (overwrite: boolean): JsonObject =>
      createThreeWayStrategicPatch(podSpec, { hostname: "a" }, { hostname: "b" }, { hostname: "c" }, { overwrite });
    expect(make(true)).toEqual({ hostname: "b" });
    expect(() => make(false)).toThrow(PatchConflictError);
  });

  it.each<[string, JsonObject, JsonObject, JsonObject, boolean]>([
    [
      "another field of the same item",
      { containers: [{ name: "a", image: "1" }] },
      { containers: [{ name: "a", image: "2" }] },
      { containers: [{ name: "a", image: "1", tty: false }] },
      false,
    ],
    [
      "the same field of the same item",
      { containers: [{ name: "a", image: "1" }] },
      { containers: [{ name: "a", image: "2" }] },
      { containers: [{ name: "a", image: "3" }] },
      true,
    ],
    [
      "another item",
      { containers: [{ name: "a", image: "1" }] },
      { containers: [{ name: "a", image: "2" }] },
      {
        containers: [
          { name: "a", image: "1" },
          { name: "b", image: "3" },
        ],
      },
      false,
    ],
    [
      "words that are not to change",
      { containers: [{ name: "a", args: ["x"] }] },
      { containers: [{ name: "a", args: ["x"], image: "1" }] },
      { containers: [{ name: "a", args: ["y"] }] },
      true,
    ],
    [
      "another order of words",
      { tolerations: [], containers: [{ name: "a", args: ["x"] }] },
      { tolerations: [], containers: [{ name: "a", args: ["y", "z"] }] },
      { tolerations: [], containers: [{ name: "a", args: ["z", "y"] }] },
      false,
    ],
    [
      "other words",
      { containers: [{ name: "a", args: ["x"] }] },
      { containers: [{ name: "a", args: ["y"] }] },
      { containers: [{ name: "a", args: ["z"] }] },
      true,
    ],
    [
      "more words",
      { containers: [{ name: "a", args: ["x"] }] },
      { containers: [{ name: "a", args: ["y"] }] },
      { containers: [{ name: "a", args: ["y", "y"] }] },
      true,
    ],
  ])("mind somebody else's change of %s", (_name, original, modified, current, isConflict) => {
    const make = (): JsonObject =>
      createThreeWayStrategicPatch(podSpec, original, modified, current, { overwrite: false });
    expect(outcomeOf(make)).toBe(isConflict ? "conflict" : "patch");
  });

  it("refuse to touch what must stay", () => {
    expect(() => createTwoWayStrategicPatch(podSpec, { hostname: "a" }, { hostname: "b" }, ["hostname"])).toThrow(
      PatchPreconditionError,
    );
  });
});

function outcomeOf(make: () => JsonObject): string {
  try {
    make();
    return "patch";
  } catch (error) {
    return error instanceof PatchConflictError ? "conflict" : String(error);
  }
}
