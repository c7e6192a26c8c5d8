import { describe, expect, it } from "vitest";
import { decodeObject } from "./decode.ts";
import { type FieldError, FieldPath } from "./field-error.ts";
import {
  maxAnnotationsBytes,
  validateConditions,
  validateFieldManager,
  validateLabelSelector,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from "./object-meta-validation.ts";
import { createSchemaRegistry } from "./schema.ts";
import type { LabelSelector, ObjectMeta } from "./types/meta-v1.ts";

const schemas = createSchemaRegistry();
const metaOf = (fields: object): ObjectMeta =>
  decodeObject<ObjectMeta>(schemas.struct("meta.v1.ObjectMeta"), fields).object;
const path = FieldPath.of("metadata");
const rules = { namespaced: true, nameRule: "dnsLabel" } as const;
const lines = (errors: readonly FieldError[]): string[] => errors.map((error) => `${error.field}: ${error.body}`);

const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "a", uid: "u", controller: true };
const labelFault =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

describe("validating metadata", () => {
  it("accepts what keeps the rules", () => {
    const meta = metaOf({
      name: "web",
      generateName: "web-",
      namespace: "default",
      labels: { "a/b": "" },
      annotations: { "A/B": "anything" },
      finalizers: ["kubernetes", "example.com/x"],
      ownerReferences: [
        owner,
        { ...owner, controller: false },
        { apiVersion: "v1", kind: "Pod", name: "a", uid: "u" },
        { apiVersion: "events.k8s.io/v1", kind: "Event", name: "a", uid: "u" },
      ],
      managedFields: [{ manager: "kubectl", operation: "Apply", fieldsType: "FieldsV1", apiVersion: "v1" }],
    });
    expect(validateObjectMeta(meta, rules, path)).toEqual([]);
  });

  it.each<[string, object, string[]]>([
    ["no name", { namespace: "a" }, ["metadata.name: Required value: name or generateName is required"]],
    ["a bad name", { name: "A", namespace: "a" }, [`metadata.name: Invalid value: "A": ${labelFault}`]],
    ["no namespace", { name: "a" }, ["metadata.namespace: Required value"]],
    [
      "a negative generation",
      { name: "a", namespace: "a", generation: -1 },
      ["metadata.generation: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      "annotations that are too large",
      { name: "a", namespace: "a", annotations: { a: "x".repeat(maxAnnotationsBytes) } },
      ["metadata.annotations: Too long: may not be more than 262144 bytes"],
    ],
    [
      "two controllers",
      { name: "a", namespace: "a", ownerReferences: [owner, { ...owner, name: "b" }] },
      [
        'metadata.ownerReferences: Invalid value: [{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"a","uid":"u","controller":true},{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"b","uid":"u","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for ReplicaSet/a and ReplicaSet/b',
      ],
    ],
    [
      "an owner that says nothing",
      { name: "a", namespace: "a", ownerReferences: [{ apiVersion: "a/b/c" }] },
      [
        'metadata.ownerReferences.apiVersion: Invalid value: "a/b/c": version must not be empty',
        'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
        'metadata.ownerReferences.name: Invalid value: "": must not be empty',
        'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
      ],
    ],
    [
      "an event as owner",
      { name: "a", namespace: "a", ownerReferences: [{ apiVersion: "v1", kind: "Event", name: "e", uid: "u" }] },
      [
        'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"e","uid":"u"}: /v1, Kind=Event is disallowed from being an owner',
      ],
    ],
    [
      "finalizers that contradict",
      { name: "a", namespace: "a", finalizers: ["orphan", "foregroundDeletion"] },
      [
        'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
    [
      "a finalizer without domain",
      { name: "a", namespace: "a", finalizers: ["mine"] },
      [
        'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      "a strange manager",
      { name: "a", namespace: "a", managedFields: [{ manager: "a\n", fieldsType: "X" }] },
      [
        'metadata.managedFields[0].operation: Invalid value: "": must be `Apply` or `Update`',
        'metadata.managedFields[0].fieldsType: Invalid value: "X": must be `FieldsV1`',
        'metadata.managedFields[0].manager: Invalid value: "a\\n": invalid character U+000A (at position 1)',
      ],
    ],
  ])("refuses %s", (_name, fields, errors) => {
    expect(lines(validateObjectMeta(metaOf(fields), rules, path))).toEqual(errors);
  });

  it("refuses a namespace where there is none, and takes other finalizers for custom kinds", () => {
    const meta = metaOf({ name: "a", namespace: "b", finalizers: ["mine"] });
    const custom = { namespaced: false, nameRule: "dnsSubdomain", checksFinalizerDomains: false } as const;
    expect(lines(validateObjectMeta(meta, custom, path))).toEqual([
      "metadata.namespace: Forbidden: not allowed on this type",
    ]);
  });

  it("refuses changes of what stays as it is", () => {
    const old = metaOf({
      name: "a",
      namespace: "a",
      uid: "1",
      generation: 3,
      creationTimestamp: "2026-01-01T00:00:00Z",
      deletionTimestamp: "2026-01-02T00:00:00Z",
      deletionGracePeriodSeconds: 30,
      finalizers: ["a/b"],
    });
    const meta = metaOf({
      name: "b",
      namespace: "c",
      uid: "2",
      generation: 2,
      deletionGracePeriodSeconds: 0,
      finalizers: ["a/b", "z/y", "c/d"],
    });
    expect(lines(validateObjectMetaUpdate(meta, old, path))).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d", "z/y"}',
      'metadata.resourceVersion: Invalid value: "": must be specified for an update',
      "metadata.generation: Invalid value: 2: must not be decremented",
      'metadata.name: Invalid value: "b": field is immutable',
      'metadata.namespace: Invalid value: "c": field is immutable',
      'metadata.uid: Invalid value: "2": field is immutable',
      "metadata.creationTimestamp: Invalid value: null: field is immutable",
      "metadata.deletionTimestamp: Invalid value: null: field is immutable",
      "metadata.deletionGracePeriodSeconds: Invalid value: 0: field is immutable",
    ]);
    expect(validateObjectMetaUpdate({ ...old, resourceVersion: "5" }, old, path)).toEqual([]);
  });

  it("limits the names of field managers", () => {
    expect(lines(validateFieldManager("é".repeat(65), path))).toEqual([
      "metadata: Too long: may not be more than 128 bytes",
    ]);
  });
});

describe("validating selectors and conditions", () => {
  it.each<[string, LabelSelector, string[]]>([
    [
      "an operator without values",
      { matchExpressions: [{ key: "a", operator: "In" }] },
      ["s.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
    ],
    [
      "values where none belong",
      { matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] },
      ["s.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"],
    ],
    [
      "an unknown operator",
      { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] },
      ['s.matchExpressions[0].operator: Invalid value: "Gt": not a valid selector operator'],
    ],
    [
      "a long value",
      { matchLabels: { a: "x".repeat(64) } },
      [`s.matchLabels: Invalid value: "${"x".repeat(64)}": must be no more than 63 bytes`],
    ],
  ])("refuses %s", (_name, selector, errors) => {
    expect(lines(validateLabelSelector(selector, FieldPath.of("s")))).toEqual(errors);
  });

  it("refuses conditions that say too little or too much", () => {
    const good = {
      type: "Ready",
      status: "True",
      lastTransitionTime: "2026-01-01T00:00:00Z",
      reason: "Fine",
      message: "",
    };
    const bad = {
      type: "Ready",
      status: "yes",
      lastTransitionTime: null,
      reason: "",
      message: "x".repeat(32_769),
      observedGeneration: -1,
    };
    expect(lines(validateConditions([good, bad], FieldPath.of("c")))).toEqual([
      'c[1].type: Duplicate value: "Ready"',
      'c[1].status: Unsupported value: "yes": supported values: "False", "True", "Unknown"',
      "c[1].observedGeneration: Invalid value: -1: must be greater than or equal to zero",
      "c[1].lastTransitionTime: Required value",
      "c[1].reason: Required value",
      "c[1].message: Too long: may not be more than 32768 bytes",
    ]);
  });
});
