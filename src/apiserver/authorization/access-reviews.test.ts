import { describe, expect, it } from "vitest";
import { decodeObject } from "../../api/decode.ts";
import { clusterRoleBindings, clusterRoles } from "../../api/resources.ts";
import { createSchemaRegistry } from "../../api/schema.ts";
import { StatusError } from "../../api/status-error.ts";
import type { UserInfo } from "../../api/user.ts";
import { createFixedObjects } from "../../testing/fixed-objects.ts";
import { createRbacAuthorizer } from "../rbac-authorizer.ts";
import type { SpecialResource } from "../special-resource.ts";
import {
  createLocalSubjectAccessReviewResource,
  createSelfSubjectAccessReviewResource,
  createSubjectAccessReviewResource,
} from "./access-reviews.ts";
import { createSelfSubjectRulesReviewResource } from "./rules-review.ts";

const objects = createFixedObjects();
const rules = [
  { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  { nonResourceURLs: ["/metrics"], verbs: ["get"] },
];
objects.put(clusterRoles, { metadata: { name: "r" }, rules });
for (const name of ["r", "gone"])
  objects.put(clusterRoleBindings, {
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane" }],
  });
const rbac = createRbacAuthorizer(objects);
const jane: UserInfo = { username: "jane", groups: [] };
const registry = createSchemaRegistry();

async function answerOf(
  resource: SpecialResource,
  kind: string,
  body: object,
  user = jane,
  namespace = "",
): Promise<unknown> {
  const attributes = {
    kind: "resource",
    user,
    verb: "create",
    group: "authorization.k8s.io",
    version: "v1",
    resource: resource.resource.plural,
    subresource: "",
    namespace,
    name: "",
  } as const;
  const draft = decodeObject(registry.struct(`authorization.v1.${kind}`), body).object;
  try {
    const request = { attributes, dryRun: false, warn: () => undefined };
    const answer = await resource.create?.(request, draft as never, new AbortController().signal);
    return (answer as { status: unknown }).status;
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
}

const ofSomeone = (body: object) => answerOf(createSubjectAccessReviewResource(rbac), "SubjectAccessReview", body);
const invalid = '.authorization.k8s.io "" is invalid: ';
const gone = 'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found';

describe("access reviews", () => {
  it.each([
    {
      name: "what is allowed",
      body: { spec: { user: "jane", resourceAttributes: { verb: "list", resource: "pods" } } },
      answer: { allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "r" of ClusterRole "r" to User "jane"' },
    },
    {
      name: "what is not allowed, and why it may be so",
      body: { spec: { user: "jane", nonResourceAttributes: { verb: "get", path: "/logs" } } },
      answer: { allowed: false, reason: gone },
    },
    {
      name: "someone of whom no role speaks",
      body: { spec: { groups: ["x"], resourceAttributes: { verb: "list", resource: "pods" } } },
      answer: { allowed: false },
    },
    {
      name: "selectors that cannot all be read",
      body: {
        spec: {
          user: "bob",
          resourceAttributes: {
            fieldSelector: {
              requirements: [
                { key: "a", operator: "Foo" },
                { key: "b", operator: "In", values: ["c"] },
              ],
            },
            labelSelector: { rawSelector: "a b c" },
          },
        },
      },
      answer: {
        allowed: false,
        evaluationError:
          "spec.resourceAttributes.fieldSelector partially ignored due to parse error; spec.resourceAttributes.labelSelector ignored due to parse error",
      },
    },
    {
      name: "nothing",
      body: {},
      answer: `${invalid}[spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified, spec.user: Invalid value: "": at least one of user or group must be specified]`,
    },
    {
      name: "both",
      body: { spec: { user: "x", resourceAttributes: { verb: "list" }, nonResourceAttributes: { path: "/a" } } },
      answer: `${invalid}spec.nonResourceAttributes: Invalid value: {"Path":"/a","Verb":""}: cannot be specified in combination with resourceAttributes`,
    },
    {
      name: "a name",
      body: { metadata: { name: "x" }, spec: { user: "x", resourceAttributes: {} } },
      answer: `${invalid}metadata: Invalid value: {"name":"x"}: must be empty`,
    },
    {
      name: "selectors that say too much and too little",
      body: {
        spec: {
          user: "jane",
          resourceAttributes: {
            fieldSelector: { rawSelector: "a=b", requirements: [{ key: "", operator: "In" }] },
            labelSelector: {},
          },
        },
      },
      answer: `${invalid}[spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements, spec.resourceAttributes.fieldSelector.requirements[0].key: Required value: must be specified, spec.resourceAttributes.fieldSelector.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn', spec.resourceAttributes.labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required]`,
    },
  ])("of someone: $name", async ({ body, answer }) => {
    expect(await ofSomeone(body)).toEqual(answer);
  });

  it("of oneself go by the user of the request", async () => {
    const resource = createSelfSubjectAccessReviewResource(rbac);
    const body = { spec: { nonResourceAttributes: { verb: "get", path: "/metrics" } } };
    const ask = (user: UserInfo) => answerOf(resource, "SelfSubjectAccessReview", body, user);
    expect([await ask(jane), await ask({ username: "bob", groups: [] })]).toEqual([
      { allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "r" of ClusterRole "r" to User "jane"' },
      { allowed: false },
    ]);
  });

  it("of a namespace speak of that namespace only", async () => {
    const ask = (resourceAttributes: object, more: object = {}) =>
      answerOf(
        createLocalSubjectAccessReviewResource(rbac),
        "LocalSubjectAccessReview",
        { metadata: { namespace: "a" }, spec: { user: "x", resourceAttributes, ...more } },
        jane,
        "a",
      );
    expect([await ask({ namespace: "a", verb: "list" }), await ask({ namespace: "b", verb: "list" })]).toEqual([
      { allowed: false },
      `${invalid}spec.resourceAttributes.namespace: Invalid value: "b": must match metadata.namespace`,
    ]);
  });

  it("list the rules of a user in a namespace", async () => {
    const ask = (spec: object, user: UserInfo) =>
      answerOf(createSelfSubjectRulesReviewResource(rbac), "SelfSubjectRulesReview", { spec }, user);
    expect([
      await ask({ namespace: "default" }, jane),
      await ask({ namespace: "default" }, { username: "system:node:n", groups: ["system:nodes"] }),
      await ask({}, jane),
    ]).toEqual([
      {
        resourceRules: [rules[0]],
        nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/metrics"] }],
        incomplete: false,
        evaluationError: 'clusterrole.rbac.authorization.k8s.io "gone" not found',
      },
      {
        resourceRules: [],
        nonResourceRules: [],
        incomplete: true,
        evaluationError: "node authorizer does not support user rule resolution",
      },
      "no namespace on request",
    ]);
  });
});
