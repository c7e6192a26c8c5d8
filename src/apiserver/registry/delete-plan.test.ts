import { describe, expect, test } from "vitest";
import type { ApiObject } from "../../api/metadata.ts";
import type { Namespace } from "../../api/types/core-v1.ts";
import { type DeletionRules, planDelete, planNamespaceDelete } from "./delete-plan.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");
const later = "2026-01-01T00:00:30Z";

function objectWith(metadata: object): ApiObject {
  return { kind: "Pod", apiVersion: "v1", metadata: { name: "a", ...metadata } } as ApiObject;
}

const graceful: DeletionRules = {
  gracefulDelete: (_object, requested) => ({ graceSeconds: requested ?? 30 }),
  propagation: "background",
};
const plain: DeletionRules = { gracefulDelete: undefined, propagation: "background" };

function mark(deletionTimestamp: string, deletionGracePeriodSeconds: number, rest: object = {}) {
  const marks = { deletionTimestamp, deletionGracePeriodSeconds, finalizers: [], generation: undefined, ...rest };
  return { kind: "mark", marks, thenRemove: false };
}

describe("the plan for deleting an object", () => {
  test.each([
    { name: "that nothing holds", metadata: {}, rules: plain, options: {}, plan: { kind: "remove" } },
    {
      name: "with a finalizer",
      metadata: { finalizers: ["a/b"], generation: 3 },
      rules: plain,
      options: {},
      plan: mark("2026-01-01T00:00:00Z", 0, { finalizers: ["a/b"], generation: 4 }),
    },
    {
      name: "with a finalizer, again later",
      metadata: { finalizers: ["a/b"], deletionTimestamp: "2025-12-31T23:00:00Z", deletionGracePeriodSeconds: 0 },
      rules: plain,
      options: {},
      plan: mark("2025-12-31T23:00:00Z", 0, { finalizers: ["a/b"] }),
    },
    { name: "with grace", metadata: {}, rules: graceful, options: {}, plan: mark(later, 30) },
    {
      name: "with grace, counting generations",
      metadata: { generation: 1 },
      rules: graceful,
      options: {},
      plan: mark(later, 30, { generation: 2 }),
    },
    {
      name: "with grace, at once",
      metadata: {},
      rules: graceful,
      options: { gracePeriodSeconds: 0 },
      plan: { ...mark("2026-01-01T00:00:00Z", 0), thenRemove: true },
    },
    {
      name: "with grace, at once, with a finalizer",
      metadata: { finalizers: ["a/b"] },
      rules: graceful,
      options: { gracePeriodSeconds: 0 },
      plan: mark("2026-01-01T00:00:00Z", 0, { finalizers: ["a/b"] }),
    },
    {
      name: "with grace below zero, which counts as a second",
      metadata: {},
      rules: graceful,
      options: { gracePeriodSeconds: -5 },
      plan: mark("2026-01-01T00:00:01Z", 1),
    },
    {
      name: "in its grace, for as long again",
      metadata: { deletionTimestamp: later, deletionGracePeriodSeconds: 30 },
      rules: graceful,
      options: { gracePeriodSeconds: 30 },
      plan: { kind: "pending" },
    },
    {
      name: "in its grace, sooner",
      metadata: { deletionTimestamp: later, deletionGracePeriodSeconds: 30, generation: 2 },
      rules: graceful,
      options: { gracePeriodSeconds: 10 },
      plan: mark("2026-01-01T00:00:10Z", 10, { generation: 2 }),
    },
    {
      name: "in its grace, sooner than now",
      metadata: { deletionTimestamp: "2026-01-01T00:00:05Z", deletionGracePeriodSeconds: 30 },
      rules: graceful,
      options: { gracePeriodSeconds: 10 },
      plan: mark("2026-01-01T00:00:00Z", 1),
    },
  ])("$name", ({ metadata, rules, options, plan }) => {
    expect(planDelete(objectWith(metadata), rules, options, nowMs)).toEqual(plan);
  });

  test.each([
    {
      name: "the request's policy",
      own: ["orphan"],
      options: { propagationPolicy: "Foreground" },
      holds: "foregroundDeletion",
    },
    {
      name: "the request's older option",
      own: ["foregroundDeletion"],
      options: { orphanDependents: true },
      holds: "orphan",
    },
    { name: "the object's own finalizer", own: ["orphan"], options: {}, holds: "orphan" },
    { name: "the kind's default", own: [], options: {}, holds: "orphan" },
  ])("$name decides who collects its dependants", ({ own, options, holds }) => {
    const rules = { ...plain, propagation: "orphan" } as const;
    const plan = planDelete(objectWith({ finalizers: ["a/b", ...own] }), rules, options, nowMs);
    expect(plan).toMatchObject({ kind: "mark", marks: { finalizers: expect.arrayContaining(["a/b", holds]) } });
    expect(plan.kind === "mark" && plan.marks.finalizers).toHaveLength(2);
  });

  test("leaves finalizers alone where no collector comes", () => {
    const rules = { ...plain, propagation: "unsupported" } as const;
    expect(planDelete(objectWith({}), rules, { propagationPolicy: "Orphan" }, nowMs)).toEqual({ kind: "remove" });
  });
});

describe("the plan for deleting a namespace", () => {
  const namespaceWith = (metadata: object, finalizers: readonly string[]): Namespace =>
    ({
      kind: "Namespace",
      apiVersion: "v1",
      metadata: { name: "n", ...metadata },
      spec: { finalizers },
      status: {},
    }) as Namespace;

  test.each([
    {
      name: "marks it first, whatever holds it",
      namespace: namespaceWith({}, []),
      plan: {
        kind: "mark",
        marks: {
          deletionTimestamp: "2026-01-01T00:00:00Z",
          deletionGracePeriodSeconds: undefined,
          finalizers: [],
          generation: undefined,
          phase: "Terminating",
        },
        thenRemove: false,
      },
    },
    {
      name: "waits while its content is there",
      namespace: namespaceWith({ deletionTimestamp: later }, ["kubernetes"]),
      plan: { kind: "pending" },
    },
    {
      name: "removes it once nothing holds it",
      namespace: namespaceWith({ deletionTimestamp: later }, []),
      plan: { kind: "remove" },
    },
  ])("$name", ({ namespace, plan }) => {
    expect(planNamespaceDelete(namespace, {}, nowMs)).toEqual(plan);
  });
});
