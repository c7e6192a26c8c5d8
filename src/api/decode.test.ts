import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeObject } from "./decode.ts";
import { findKind } from "./kinds.ts";
import { createSchemaRegistry } from "./schema.ts";

const schemas = createSchemaRegistry();
const roundTripFolder = join(import.meta.dirname, "../../../shared/testdata/api-roundtrip/v1.36");
const roundTripFiles = existsSync(roundTripFolder)
  ? readdirSync(roundTripFolder).filter((file) => file.endsWith(".json"))
  : [];

describe("decode", () => {
  it("completes an object in written order, in the stored form", () => {
    const { object, unknownFields } = decodeObject(schemas.struct("core.v1.Pod"), {
      spec: {
        containers: [{ image: "nginx", name: "web", resources: { requests: { memory: "1024Mi", cpu: 0.5 } } }],
        replicas: 3,
        hostNetwork: false,
      },
      metadata: { labels: { b: "2", a: "1" }, name: "web", creationTimestamp: "2026-04-22T12:00:00+02:00" },
      apiVersion: "v1",
      kind: "Pod",
    });
    expect(JSON.stringify(object)).toBe(
      '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web","creationTimestamp":"2026-04-22T10:00:00Z",' +
        '"labels":{"a":"1","b":"2"}},"spec":{"containers":[{"name":"web","image":"nginx",' +
        '"resources":{"requests":{"cpu":"500m","memory":"1Gi"}}}]},"status":{}}',
    );
    expect(unknownFields).toEqual(["spec.replicas"]);
  });

  it("keeps __proto__ as a key like any other", () => {
    const input: unknown = JSON.parse('{"metadata":{"labels":{"__proto__":"x"}}}');
    const { object } = decodeObject<{ metadata: { labels: object } }>(schemas.struct("core.v1.ConfigMap"), input);
    expect(Object.keys(object.metadata.labels)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(object.metadata.labels)).toBeNull();
  });

  it.each([
    [
      "a word for a number",
      { spec: { replicas: "3" } },
      "string into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    ["a list for an object", { spec: [] }, "array into Go struct field Deployment.spec of type v1.DeploymentSpec"],
    [
      "a number for a word",
      { metadata: { name: 7 } },
      "number into Go struct field ObjectMeta.metadata.name of type string",
    ],
  ])("refuses %s in upstream's words", (_name, input, message) => {
    expect(() => decodeObject(schemas.struct("apps.v1.Deployment"), input)).toThrow(
      `json: cannot unmarshal ${message}`,
    );
  });

  it.skipIf(roundTripFiles.length === 0)("gives upstream's round-trip files back byte for byte", () => {
    const known = roundTripFiles.flatMap((file) => {
      const value = JSON.parse(readFileSync(join(roundTripFolder, file), "utf8")) as {
        apiVersion: string;
        kind: string;
      };
      const row = findKind(value.apiVersion, value.kind);
      return row === undefined ? [] : [{ file, value, type: row.type }];
    });
    expect(known.length).toBeGreaterThan(100);
    for (const { file, value, type } of known)
      expect([file, JSON.stringify(decodeObject(schemas.struct(type), value).object)]).toEqual([
        file,
        JSON.stringify(value),
      ]);
  });
});
