import { describe, expect, it } from "vitest";
import type { PolicyRule } from "../api/types/rbac-v1.ts";
import type { UserInfo } from "../api/user.ts";
import type { RequestAttributes } from "./attributes.ts";
import { rulesAllow } from "./authorization/policy-rule.ts";
import type { Authorizer } from "./authorization.ts";
import { impersonate } from "./impersonation.ts";

const jane: UserInfo = { username: "jane", groups: ["system:authenticated"] };
const agent: UserInfo = {
  username: "system:serviceaccount:ns:agent",
  groups: [],
  extra: { "authentication.kubernetes.io/node-name": ["n1"], "authentication.kubernetes.io/pod-name": ["p"] },
};
const asks = (user: UserInfo): RequestAttributes => ({
  kind: "resource",
  user,
  verb: "list",
  group: "",
  version: "v1",
  resource: "pods",
  subresource: "",
  namespace: "",
  name: "",
});
const allowing = (...rules: PolicyRule[]): Authorizer => ({
  authorize: (attributes) => ({ outcome: rulesAllow(rules, attributes) ? "allow" : "noOpinion", reason: "" }),
});
const authentication = "authentication.k8s.io";
const anything: PolicyRule = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
const legacy: PolicyRule = { apiGroups: ["", authentication], resources: ["*"], verbs: ["impersonate"] };
type Headers = Readonly<Record<string, string[] | undefined>>;
const headers = (fields: Headers): [string, string[]][] =>
  Object.entries(fields).map(([name, values]) => [name, values ?? []]);
const tryAs = (fields: Headers, authorizer: Authorizer, user = jane): unknown => {
  try {
    return impersonate(headers(fields), asks(user), authorizer);
  } catch (error) {
    return (error as Error).message;
  }
};
const at = "at the cluster scope";

describe("impersonation", () => {
  it.each([
    { name: "no headers", fields: { accept: ["*/*"] }, result: undefined },
    {
      name: "a user",
      fields: { "impersonate-user": ["bob"] },
      result: { username: "bob", groups: ["system:authenticated"] },
    },
    {
      name: "a user with everything",
      fields: {
        "impersonate-user": ["bob"],
        "impersonate-uid": ["7"],
        "impersonate-group": ["a", "b"],
        "impersonate-extra-acme.com%2fteam": ["x", "y"],
      },
      result: {
        username: "bob",
        uid: "7",
        groups: ["a", "b", "system:authenticated"],
        extra: { "acme.com/team": ["x", "y"] },
      },
    },
    {
      name: "a service account",
      fields: { "impersonate-user": ["system:serviceaccount:ns:sa"] },
      result: {
        username: "system:serviceaccount:ns:sa",
        groups: ["system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"],
      },
    },
    {
      name: "nobody",
      fields: { "impersonate-user": ["system:anonymous"] },
      result: { username: "system:anonymous", groups: ["system:unauthenticated"] },
    },
    {
      name: "a node with its groups by hand",
      fields: { "impersonate-user": ["system:node:n"], "impersonate-group": ["system:nodes"] },
      result: { username: "system:node:n", groups: ["system:nodes", "system:authenticated"] },
    },
  ])("becomes $name, when allowed to impersonate for any purpose", ({ fields, result }) => {
    expect(tryAs(fields, allowing(legacy))).toEqual(result);
  });

  it.each([
    {
      name: "groups without a user",
      fields: { "impersonate-group": ["x"] },
      error:
        'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"x"}, Extra:map[string][]string(nil)} without impersonating a user name',
    },
    {
      name: "extra and uid without a user",
      fields: { "impersonate-uid": ["7"], "impersonate-extra-foo": ["bar", "baz"] },
      error:
        'requested &user.DefaultInfo{Name:"", UID:"7", Groups:[]string(nil), Extra:map[string][]string{"foo":[]string{"bar", "baz"}}} without impersonating a user name',
    },
    {
      name: "a user",
      fields: { "impersonate-user": ["bob"] },
      error: `pods is forbidden: User "jane" cannot impersonate-on:user-info:list resource "pods" in API group "" ${at}`,
    },
    {
      name: "a service account",
      fields: { "impersonate-user": ["system:serviceaccount:a:b"] },
      error: `pods is forbidden: User "jane" cannot impersonate-on:serviceaccount:list resource "pods" in API group "" ${at}`,
    },
    {
      name: "a node",
      fields: { "impersonate-user": ["system:node:b"] },
      error: `pods is forbidden: User "jane" cannot impersonate-on:arbitrary-node:list resource "pods" in API group "" ${at}`,
    },
    {
      name: "a service account with groups, which only the wide right covers",
      fields: { "impersonate-user": ["system:serviceaccount:a:b"], "impersonate-group": ["g"] },
      error:
        'serviceaccounts "b" is forbidden: User "jane" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "a"',
    },
  ])("refuses without rights: $name", ({ fields, error }) => {
    expect(tryAs(fields, allowing())).toBe(error);
  });

  it("becomes a user by narrow rights only for the purpose that they name", () => {
    const narrow = (verb: string) =>
      allowing(
        { apiGroups: [""], resources: ["pods"], verbs: [`impersonate-on:user-info:${verb}`] },
        { apiGroups: [authentication], resources: ["users"], resourceNames: ["bob"], verbs: ["impersonate:user-info"] },
      );
    const fields = { "impersonate-user": ["bob"] };
    expect([tryAs(fields, narrow("list")), tryAs(fields, narrow("watch"))]).toEqual([
      { username: "bob", groups: ["system:authenticated"] },
      `pods is forbidden: User "jane" cannot impersonate-on:user-info:list resource "pods" in API group "" ${at}`,
    ]);
  });

  it("lets a service account become its own node, and no other", () => {
    const narrow = allowing(
      { apiGroups: [""], resources: ["pods"], verbs: ["impersonate-on:associated-node:list"] },
      { apiGroups: [authentication], resources: ["nodes"], verbs: ["impersonate:associated-node"] },
    );
    expect([
      tryAs({ "impersonate-user": ["system:node:n1"] }, narrow, agent),
      tryAs({ "impersonate-user": ["system:node:n2"] }, narrow, agent),
    ]).toEqual([
      { username: "system:node:n1", groups: ["system:nodes", "system:authenticated"] },
      `pods is forbidden: User "system:serviceaccount:ns:agent" cannot impersonate-on:arbitrary-node:list resource "pods" in API group "" ${at}`,
    ]);
  });

  it("never lets narrow rights reach for masters, however wide they are", () => {
    const narrow = allowing({ ...anything, verbs: ["impersonate:user-info", "impersonate-on:user-info:list"] });
    const fields = (group: string) => ({ "impersonate-user": ["bob"], "impersonate-group": [group] });
    expect([tryAs(fields("devs"), narrow), tryAs(fields("system:masters"), narrow)]).toEqual([
      { username: "bob", groups: ["devs", "system:authenticated"] },
      `groups.authentication.k8s.io "system:masters" is forbidden: User "jane" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" ${at}: impersonating the system:masters group is not allowed`,
    ]);
  });

  it.each([
    {
      key: "team",
      error:
        'an invalid key in extra is not allowed: extra.key: Invalid value: "team": must be a domain-prefixed path (such as "acme.io/foo")',
    },
    {
      key: "acme.io/ä",
      error: `an invalid key in extra is not allowed: extra.key: Invalid value: "ä": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')`,
    },
  ])("checks keys of extra for narrow rights: $key", ({ key, error }) => {
    const narrow = allowing({ ...anything, verbs: ["impersonate:user-info", "impersonate-on:user-info:list"] });
    const fields = { "impersonate-user": ["bob"], [`impersonate-extra-${encodeURIComponent(key)}`]: ["x"] };
    expect(tryAs(fields, narrow)).toBe(
      `userextras.authentication.k8s.io is forbidden: User "jane" cannot impersonate:user-info resource "userextras" in API group "authentication.k8s.io" ${at}: impersonating ${error}`,
    );
  });
});
