import { describe, expect, it } from "vitest";
import type { RequestAttributes } from "./attributes.ts";
import type { AuthorizationDecision, Authorizer } from "./authorization.ts";
import { forbiddenRequest } from "./forbidden.ts";
import { createUnionAuthorizer, mastersAuthorizer } from "./union-authorizer.ts";

const answers = (outcome: AuthorizationDecision["outcome"], reason: string): Authorizer => ({
  authorize: () => ({ outcome, reason }),
});
const request: RequestAttributes = {
  kind: "resource",
  user: { username: "jane", groups: ["system:authenticated"] },
  verb: "list",
  group: "",
  version: "v1",
  resource: "pods",
  subresource: "",
  namespace: "default",
  name: "",
};

describe("union of authorisers", () => {
  it("takes the first opinion", () => {
    const union = createUnionAuthorizer([answers("noOpinion", "a"), answers("allow", "b"), answers("deny", "c")]);
    expect(union.authorize(request)).toEqual({ outcome: "allow", reason: "b" });
  });

  it("joins the reasons when nobody has an opinion", () => {
    const union = createUnionAuthorizer([
      answers("noOpinion", "a"),
      answers("noOpinion", ""),
      answers("noOpinion", "c"),
    ]);
    expect(union.authorize(request)).toEqual({ outcome: "noOpinion", reason: "a\nc" });
  });

  it("lets masters do everything and leaves others alone", () => {
    const master = { ...request, user: { username: "root", groups: ["system:masters"] } };
    expect([master, request].map((asked) => mastersAuthorizer.authorize(asked).outcome)).toEqual([
      "allow",
      "noOpinion",
    ]);
  });
});

describe("message of a refusal", () => {
  const because = (attributes: RequestAttributes, reason = "") => forbiddenRequest(attributes, reason).status;
  it.each([
    {
      name: "a collection in a namespace",
      attributes: request,
      message: 'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
      details: { kind: "pods" },
    },
    {
      name: "a named object of a group at cluster scope",
      attributes: { ...request, verb: "get", group: "storage.k8s.io", resource: "csinodes", namespace: "", name: "n" },
      message:
        'csinodes.storage.k8s.io "n" is forbidden: User "jane" cannot get resource "csinodes" in API group "storage.k8s.io" at the cluster scope',
      details: { name: "n", group: "storage.k8s.io", kind: "csinodes" },
    },
    {
      name: "a sub-resource",
      attributes: { ...request, verb: "create", subresource: "exec", name: "p" },
      message:
        'pods "p" is forbidden: User "jane" cannot create resource "pods/exec" in API group "" in the namespace "default"',
      details: { name: "p", kind: "pods" },
    },
    {
      name: "a path",
      attributes: { kind: "path", user: request.user, verb: "get", path: "/metrics" } as const,
      message: 'forbidden: User "jane" cannot get path "/metrics"',
      details: {},
    },
    {
      name: "a reason, and signs that mean something in HTML",
      attributes: { ...request, user: { username: "<j&e>", groups: [] } },
      reason: "RBAC: x",
      message:
        'pods is forbidden: User "&lt;j&amp;e&gt;" cannot list resource "pods" in API group "" in the namespace "default": RBAC: x',
      details: { kind: "pods" },
    },
  ])("speaks of $name", ({ attributes, reason, message, details }) => {
    expect(because(attributes, reason)).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      reason: "Forbidden",
      details,
      code: 403,
    });
  });
});
