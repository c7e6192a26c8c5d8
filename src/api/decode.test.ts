import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DecodeError, decodeObject, decodeUnstructured } from "./decode.ts";
import { parseJsonText } from "./json.ts";
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

  it.each<[string, string, unknown, string]>([
    [
      "a word for a number",
      "apps.v1.Deployment",
      { spec: { replicas: "3" } },
      "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      "a fraction for an integer",
      "apps.v1.Deployment",
      { spec: { replicas: 1.5 } },
      "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      "an integer that is too large",
      "apps.v1.Deployment",
      { spec: { replicas: 3_000_000_000 } },
      "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      "a list for an object",
      "apps.v1.Deployment",
      { spec: [] },
      "json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec",
    ],
    [
      "an object for a list",
      "core.v1.Pod",
      { spec: { containers: {} } },
      "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
    ],
    [
      "a word in a list of objects",
      "core.v1.Pod",
      { spec: { containers: ["a"] } },
      "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container",
    ],
    [
      "a number for a word",
      "core.v1.Pod",
      { metadata: { name: 7 } },
      "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
    ],
    [
      "a number for a named word",
      "core.v1.Pod",
      { spec: { restartPolicy: 7 } },
      "json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
    ],
    [
      "a number in a map of words",
      "core.v1.ConfigMap",
      { data: { a: 1 } },
      "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
    ],
    [
      "a word for amounts",
      "core.v1.Pod",
      { spec: { containers: [{ resources: { limits: "a" } }] } },
      "json: cannot unmarshal string into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList",
    ],
    [
      "a number in an inlined struct",
      "core.v1.Pod",
      { spec: { volumes: [{ emptyDir: 5 }] } },
      "json: cannot unmarshal number into Go struct field Volume.spec.volumes.VolumeSource.emptyDir of type v1.EmptyDirVolumeSource",
    ],
    [
      "a boolean for a number or word",
      "core.v1.Service",
      { spec: { ports: [{ targetPort: true }] } },
      "json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32",
    ],
    [
      "a number for a kind",
      "core.v1.Pod",
      { kind: 5 },
      "json: cannot unmarshal number into Go struct field Pod.TypeMeta.kind of type string",
    ],
    ["base64 with one sign too few", "core.v1.Secret", { data: { a: "QQ=" } }, "illegal base64 data at input byte 3"],
    [
      "base64 with a letter for a sign",
      "core.v1.Secret",
      { data: { a: "QQ=x" } },
      "illegal base64 data at input byte 2",
    ],
    [
      "base64 with more behind its end",
      "core.v1.Secret",
      { data: { a: "QQ==x" } },
      "illegal base64 data at input byte 4",
    ],
    ["base64 without an end", "core.v1.Secret", { data: { a: "QUI" } }, "illegal base64 data at input byte 0"],
    [
      "an amount",
      "core.v1.Pod",
      { spec: { containers: [{ resources: { limits: { cpu: "abc" } } }] } },
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      "a time",
      "core.v1.Pod",
      { metadata: { creationTimestamp: "2020-13-01T00:00:00Z" } },
      'parsing time "2020-13-01T00:00:00Z": month out of range',
    ],
    [
      "a day",
      "core.v1.Pod",
      { metadata: { creationTimestamp: "2020-02-30T00:00:00Z" } },
      'parsing time "2020-02-30T00:00:00Z": day out of range',
    ],
    [
      "half a time",
      "core.v1.Pod",
      { metadata: { creationTimestamp: "2020-01-01" } },
      'parsing time "2020-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"',
    ],
    ["base64", "core.v1.Secret", { data: { a: "ab*=" } }, "illegal base64 data at input byte 2"],
    [
      "a number for a boolean or schema",
      "apiextensions.v1.JSONSchemaProps",
      { additionalProperties: 5 },
      "boolean or JSON schema expected",
    ],
    ["a list at the top", "core.v1.Pod", [], "json: cannot unmarshal array into Go value of type v1.Pod"],
    [
      "the first of several faults",
      "core.v1.Pod",
      { spec: { hostname: 1, nodeName: true } },
      "json: cannot unmarshal number into Go struct field PodSpec.spec.hostname of type string",
    ],
    [
      "what has a reader of its own before others",
      "core.v1.Pod",
      { spec: { hostname: 1 }, metadata: { creationTimestamp: "x" } },
      'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
    ],
  ])("refuses %s in upstream's words", (_name, type, input, message) => {
    expect(() => decodeObject(schemas.struct(type), input)).toThrow(new DecodeError(message));
  });

  it.each<[string, string, unknown, string]>([
    ["a word for a number", "apps.v1.Deployment", { spec: { replicas: "x" } }, "unrecognized type: int32"],
    ["a fraction for an integer", "apps.v1.Deployment", { spec: { replicas: 1.5 } }, "cannot convert float64 to int32"],
    ["a number for a word", "core.v1.Pod", { spec: { restartPolicy: 7 } }, "cannot convert int64 to v1.RestartPolicy"],
    ["an object for a list", "core.v1.Pod", { spec: { containers: {} } }, "cannot restore slice from map"],
    ["a list for a map", "core.v1.Pod", { metadata: { labels: [] } }, "cannot restore map from slice"],
    ["a word for an object", "core.v1.Pod", { spec: "x" }, "cannot restore struct from: string"],
    [
      "a number for a time",
      "core.v1.Pod",
      { metadata: { creationTimestamp: 5 } },
      "json: cannot unmarshal number into Go value of type string",
    ],
    [
      "a fraction for a number or word",
      "core.v1.ServicePort",
      { targetPort: 1.5 },
      "json: cannot unmarshal number 1.5 into Go value of type int32",
    ],
    [
      "a boolean for a number or word",
      "core.v1.ServicePort",
      { targetPort: true },
      "json: cannot unmarshal bool into Go value of type int32",
    ],
  ])("refuses %s in an untyped object in upstream's other words", (_name, type, input, message) => {
    expect(() => decodeUnstructured(schemas.struct(type), input)).toThrow(new DecodeError(message));
  });

  it("reports unknown and repeated fields in the order written, each once", () => {
    const text =
      '{"zz":1,"spec":{"foo":1,"containers":[{"name":"a","bar":1,"name":"b"}],"foo":2},"metadata":{"labels":{"a":"1","a":"2"}},"Kind":"x"}';
    const { value, repeatedKeys } = parseJsonText(text);
    const pod = schemas.struct("core.v1.Pod");
    expect([decodeObject(pod, value, repeatedKeys).problems, decodeUnstructured(pod, value).problems]).toEqual([
      [
        'unknown field "zz"',
        'unknown field "spec.foo"',
        'unknown field "spec.containers[0].bar"',
        'duplicate field "spec.containers[0].name"',
        'duplicate field "metadata.labels.a"',
        'unknown field "Kind"',
      ],
      [
        'unknown field "Kind"',
        'unknown field "spec.containers[0].bar"',
        'unknown field "spec.foo"',
        'unknown field "zz"',
      ],
    ]);
  });

  it("reports a hundred problems at most", () => {
    const input = Object.fromEntries(Array.from({ length: 300 }, (_unused, index) => [`x${index}`, 1]));
    expect(decodeObject(schemas.struct("core.v1.Pod"), input).problems).toHaveLength(100);
  });

  it("reads a schema's special forms", () => {
    const schema = {
      items: { type: "string", unknown: 1 },
      additionalProperties: false,
      additionalItems: { type: "integer" },
      dependencies: { a: ["b"], c: { type: "object" }, d: [] },
      definitions: { list: { items: [{ type: "string" }] }, none: { items: "x" } },
      default: { any: ["thing", null] },
    };
    const decoded = decodeObject<object>(schemas.struct("apiextensions.v1.JSONSchemaProps"), schema);
    expect([decoded.object, decoded.problems]).toEqual([
      {
        default: { any: ["thing", null] },
        items: { type: "string" },
        additionalProperties: false,
        additionalItems: { type: "integer" },
        dependencies: { a: ["b"], c: { type: "object" }, d: null },
        definitions: { list: { items: [{ type: "string" }] }, none: { items: null } },
      },
      [],
    ]);
  });

  it.each<[string, string, unknown, unknown]>([
    [
      "times to UTC seconds",
      "meta.v1.ObjectMeta",
      { deletionTimestamp: "2020-01-02T3:04:05.9+02:30" },
      { deletionTimestamp: "2020-01-02T00:34:05Z" },
    ],
    [
      "Go's zero time to null",
      "meta.v1.ObjectMeta",
      { deletionTimestamp: "0001-01-01T00:00:00Z" },
      { deletionTimestamp: null },
    ],
    [
      "micro times to six digits",
      "coordination.v1.LeaseSpec",
      { renewTime: "2020-01-02T03:04:05.100000-01:00" },
      { renewTime: "2020-01-02T04:04:05.100000Z" },
    ],
    [
      "base64 to one form",
      "core.v1.Secret",
      { data: { a: "QR==", b: "QUJ\nD", c: [65, null] } },
      { metadata: {}, data: { a: "QQ==", b: "QUJD", c: "QQA=" } },
    ],
    [
      "durations to Go's form",
      "metrics.v1beta1.PodMetrics",
      { window: "90.5s" },
      { metadata: {}, timestamp: null, window: "1m30.5s", containers: null },
    ],
    [
      "the largest integer of 32 bits",
      "autoscaling.v1.ScaleSpec",
      { replicas: 2_147_483_647 },
      { replicas: 2_147_483_647 },
    ],
    [
      "the lowest integer of 32 bits",
      "autoscaling.v1.ScaleSpec",
      { replicas: -2_147_483_648 },
      { replicas: -2_147_483_648 },
    ],
    [
      "integers beyond 2^53",
      "core.v1.PodSecurityContext",
      { runAsUser: 9_223_372_036_854_775_807n },
      { runAsUser: 9_223_372_036_854_775_807n },
    ],
  ])("brings %s", (_name, type, input, object) => {
    expect(decodeObject(schemas.struct(type), input).object).toEqual(object);
  });

  it.each([
    ["999ns", "999ns"],
    ["1000ns", "1µs"],
    ["0.9995ms", "999.5µs"],
    ["1000us", "1ms"],
    ["999.999999ms", "999.999999ms"],
    ["1000ms", "1s"],
    ["-59.5s", "-59.5s"],
    ["60s", "1m0s"],
    ["3600s", "1h0m0s"],
    ["0", "0s"],
    ["2562047h47m16.854775807s", "2562047h47m16.854775807s"],
    ["-2562047h47m16.854775808s", "-2562047h47m16.854775808s"],
  ])("writes the duration %s as %s", (window, written) => {
    expect(decodeObject(schemas.struct("metrics.v1beta1.PodMetrics"), { window }).object).toMatchObject({
      window: written,
    });
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
