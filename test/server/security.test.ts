import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Input } from "../../src/api/draft.ts";
import {
  clusterRoleBindings,
  clusterRoles,
  configMaps,
  namespaces,
  nodes,
  pods,
  roleBindings,
  roles,
  secrets,
  selfSubjectAccessReviews,
  serviceAccounts,
  tokenReviews,
} from "../../src/api/resources.ts";
import { StatusError } from "../../src/api/status-error.ts";
import type { TokenRequest } from "../../src/api/types/authentication-v1.ts";
import type { Pod } from "../../src/api/types/core-v1.ts";
import { serviceAccountUser, type UserInfo } from "../../src/api/user.ts";
import { jane, type SecureServer, startSecureServer } from "../../src/testing/secure-server.ts";

let server: SecureServer;
const rbac = "rbac.authorization.k8s.io";
const messageOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "";
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
};
const bind = async (user: UserInfo, role: string, namespace = "default"): Promise<void> => {
  await server.client.create(
    roleBindings,
    {
      metadata: { generateName: "b-" },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
      subjects: [{ kind: "User", name: user.username }],
    },
    { namespace },
  );
};
const someone = (username: string): UserInfo => ({ username, groups: ["system:authenticated"] });
const pod = (name: string, spec: Input<Pod["spec"]> = {}): Input<Pod> => ({
  metadata: { namespace: "default", name },
  spec: { containers: [{ name: "c", image: "i" }], ...spec },
});

beforeAll(async () => {
  server = await startSecureServer(["default", "prod"]);
  for (const namespace of ["default", "prod"])
    await server.client.create(serviceAccounts, { metadata: { namespace, name: "default" } });
});
afterAll(() => server.stop());

describe("who may do what", () => {
  it("gives nobody anything but what everybody has", async () => {
    const client = server.as(jane);
    const review = await client.create(selfSubjectAccessReviews, {
      spec: { nonResourceAttributes: { path: "/version", verb: "get" } },
    });
    expect([
      await messageOf(client.list(pods, { namespace: "default" })),
      await messageOf(client.list(pods)),
      await messageOf(client.get(nodes, { name: "n" })),
      await messageOf(client.create(configMaps, { metadata: { namespace: "default", name: "x" } })),
      review.status.allowed,
    ]).toEqual([
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" at the cluster scope',
      'nodes "n" is forbidden: User "jane" cannot get resource "nodes" in API group "" at the cluster scope',
      'configmaps is forbidden: User "jane" cannot create resource "configmaps" in API group "" in the namespace "default"',
      true,
    ]);
  });

  it("lets a bound user do what the role says, in that namespace, at once", async () => {
    const viewer = someone("viewer");
    const client = server.as(viewer);
    const before = await messageOf(client.list(roles, { namespace: "default" }));
    await server.client.create(roles, {
      metadata: { namespace: "default", name: "see-roles" },
      rules: [{ apiGroups: [rbac], resources: ["roles"], verbs: ["list"] }],
    });
    await server.client.create(roleBindings, {
      metadata: { namespace: "default", name: "see-roles" },
      roleRef: { apiGroup: rbac, kind: "Role", name: "see-roles" },
      subjects: [{ kind: "User", name: "viewer" }],
    });
    expect([
      before,
      await messageOf(client.list(roles, { namespace: "default" })),
      await messageOf(client.list(roles, { namespace: "prod" })),
    ]).toEqual([
      `roles.${rbac} is forbidden: User "viewer" cannot list resource "roles" in API group "${rbac}" in the namespace "default"`,
      "",
      `roles.${rbac} is forbidden: User "viewer" cannot list resource "roles" in API group "${rbac}" in the namespace "prod"`,
    ]);
  });

  it("says which role a binding misses", async () => {
    await bind(someone("lost"), "no-such-role");
    expect(await messageOf(server.as(someone("lost")).list(pods, { namespace: "default" }))).toBe(
      `pods is forbidden: User "lost" cannot list resource "pods" in API group "" in the namespace "default": RBAC: clusterrole.${rbac} "no-such-role" not found`,
    );
  });

  it("lets a node read what its pods need, and nothing else", async () => {
    const node: UserInfo = { username: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };
    const client = server.as(node);
    for (const name of ["needed", "other"])
      await server.client.create(secrets, { metadata: { namespace: "default", name } });
    await client.create(nodes, { metadata: { name: "n1" } });
    await server.client.create(
      pods,
      pod("on-n1", { nodeName: "n1", volumes: [{ name: "s", secret: { secretName: "needed" } }] }),
    );
    const related = "no relationship found between node 'n1' and this object";
    expect([
      await messageOf(client.get(secrets, { namespace: "default", name: "needed" })),
      await messageOf(client.get(secrets, { namespace: "default", name: "other" })),
      await messageOf(client.list(pods, { fieldSelector: "spec.nodeName=n1" })),
      await messageOf(client.list(pods)),
      await messageOf(client.create(nodes, { metadata: { name: "n2" } })),
    ]).toEqual([
      "",
      `secrets "other" is forbidden: User "system:node:n1" cannot get resource "secrets" in API group "" in the namespace "default": ${related}`,
      "",
      'pods is forbidden: User "system:node:n1" cannot list resource "pods" in API group "" at the cluster scope: can only list/watch pods with spec.nodeName field selector',
      'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
    ]);
  });
});

describe("granting rights", () => {
  const keeper = someone("keeper");
  beforeAll(async () => {
    await server.client.create(clusterRoles, {
      metadata: { name: "keeper" },
      rules: [
        { apiGroups: [rbac], resources: ["roles", "rolebindings"], verbs: ["create", "patch"] },
        { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] },
      ],
    });
    await bind(keeper, "keeper");
  });

  it("goes only as far as one's own rights", async () => {
    const client = server.as(keeper);
    const role = (name: string, resource: string, verbs: string[]) =>
      client.create(roles, {
        metadata: { namespace: "default", name },
        rules: [{ apiGroups: [""], resources: [resource], verbs }],
      });
    expect([
      await messageOf(role("fine", "configmaps", ["get"])),
      await messageOf(role("too-much", "secrets", ["list", "get"])),
    ]).toEqual([
      "",
      `roles.${rbac} "too-much" is forbidden: user "keeper" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["list" "get"]}`,
    ]);
  });

  it("holds for bindings too, unless the user may bind the role", async () => {
    const client = server.as(keeper);
    const grant = (name: string) =>
      client.create(roleBindings, {
        metadata: { namespace: "default", name: `grant-${name.replaceAll(":", "-")}` },
        roleRef: { apiGroup: rbac, kind: "ClusterRole", name },
        subjects: [{ kind: "User", name: "friend" }],
      });
    const refused = await messageOf(grant("system:node-proxier"));
    await server.client.create(clusterRoles, {
      metadata: { name: "binder" },
      rules: [
        { apiGroups: [rbac], resources: ["clusterroles"], resourceNames: ["system:node-proxier"], verbs: ["bind"] },
      ],
    });
    await bind(keeper, "binder");
    expect([
      refused.split("\n").slice(0, 2),
      await messageOf(grant("system:node-proxier")),
      await messageOf(grant("gone")),
    ]).toEqual([
      [
        `rolebindings.${rbac} "grant-system-node-proxier" is forbidden: user "keeper" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:`,
        '{APIGroups:[""], Resources:["endpoints"], Verbs:["list" "watch"]}',
      ],
      "",
      `clusterroles.${rbac} "gone" not found`,
    ]);
  });

  it("does not let a role be widened later, but lets its owners be changed", async () => {
    const client = server.as(keeper);
    const wide = await server.client.create(roles, {
      metadata: { namespace: "default", name: "wide" },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    });
    const widened = client.patch(roles, { namespace: "default", name: "fine" }, "merge", { rules: wide.rules });
    const labelled = client.patch(roles, { namespace: "default", name: "wide" }, "merge", {
      metadata: { labels: { a: "b" } },
    });
    const freed = client.patch(roles, { namespace: "default", name: "wide" }, "merge", {
      metadata: { finalizers: ["example.com/x"] },
    });
    expect([
      (await messageOf(widened)).includes("attempting to grant"),
      (await messageOf(labelled)).includes("attempting to grant"),
      await messageOf(freed),
    ]).toEqual([true, true, ""]);
  });
});

describe("tokens", () => {
  const ask = (name: string, spec: Input<TokenRequest["spec"]> = {}) =>
    server.client.createSubresource<TokenRequest>(serviceAccounts, { namespace: "default", name }, "token", { spec });
  const review = async (token: string): Promise<unknown> =>
    (await server.client.create(tokenReviews, { spec: { token } })).status;
  const authenticate = (bearerToken: string): Promise<UserInfo | undefined> =>
    server.server.parts.authenticator.authenticate({ bearerToken });

  it("live and die with the account, the pod and the clock", async () => {
    await server.client.create(serviceAccounts, { metadata: { namespace: "default", name: "robot" } });
    const running = await server.client.create(pods, pod("robot-1", { serviceAccountName: "robot" }));
    const { uid } = running.metadata;
    const plain = (await ask("robot")).status.token;
    const bound = (
      await ask("robot", {
        expirationSeconds: 7200,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "robot-1", uid },
      })
    ).status.token;
    const robot = await authenticate(bound);
    await server.client.delete(pods, { namespace: "default", name: "robot-1" }, { gracePeriodSeconds: 0 });
    const afterPod = [await messageOf(authenticate(bound)), await messageOf(authenticate(plain))];
    await server.clock.advance(3600_000 + 61_000);
    const late = await review(plain);
    const fresh = (await ask("robot")).status.token;
    await server.client.delete(serviceAccounts, { namespace: "default", name: "robot" });
    expect({
      robot: robot?.extra?.["authentication.kubernetes.io/pod-name"],
      afterPod,
      late,
      gone: await review(fresh),
    }).toEqual({
      robot: ["robot-1"],
      afterPod: ["Unauthorized", ""],
      late: { user: {}, error: "[invalid bearer token, service account token has expired]" },
      gone: { user: {}, error: '[invalid bearer token, serviceaccounts "robot" not found]' },
    });
  });

  it("let a node ask for its own pods only", async () => {
    const node = server.as({ username: "system:node:n1", groups: ["system:nodes"] });
    const { metadata } = await server.client.create(pods, pod("token-pod", { nodeName: "n1" }));
    const token = (spec: Input<TokenRequest["spec"]>) =>
      node.createSubresource<TokenRequest>(serviceAccounts, { namespace: "default", name: "default" }, "token", {
        spec,
      });
    const boundObjectRef = { apiVersion: "v1", kind: "Pod", name: "token-pod", uid: metadata.uid };
    expect([await messageOf(token({ boundObjectRef })), await messageOf(token({}))]).toEqual([
      "",
      'serviceaccounts "default" is forbidden: node requested token not bound to a pod',
    ]);
  });

  it("make a bootstrapper of whoever brings a good bootstrap token", async () => {
    const data = { "token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true" };
    await server.client.create(secrets, {
      metadata: { namespace: "kube-system", name: "bootstrap-token-abcdef" },
      type: "bootstrap.kubernetes.io/token",
      data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, btoa(value)])),
    });
    const user = await authenticate("abcdef.0123456789abcdef");
    await server.client.delete(secrets, { namespace: "kube-system", name: "bootstrap-token-abcdef" });
    expect([user, await messageOf(authenticate("abcdef.0123456789abcdef"))]).toEqual([
      { username: "system:bootstrap:abcdef", groups: ["system:bootstrappers", "system:authenticated"] },
      "Unauthorized",
    ]);
  });
});

describe("admission", () => {
  it("completes a pod as upstream does", async () => {
    const made = await server.client.create(pods, pod("complete"));
    const volume = made.spec.volumes?.[0]?.name;
    expect({
      account: [made.spec.serviceAccountName, made.spec.serviceAccount],
      mounts: made.spec.containers[0]?.volumeMounts?.map((mount) => [mount.name === volume, mount.mountPath]),
      priority: [made.spec.priority, made.spec.preemptionPolicy],
      tolerations: made.spec.tolerations?.map((toleration) => toleration.key),
    }).toEqual({
      account: ["default", "default"],
      mounts: [[true, "/var/run/secrets/kubernetes.io/serviceaccount"]],
      priority: [0, "PreemptLowerPriority"],
      tolerations: ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"],
    });
  });

  it("has the priority classes of the system, and keeps the system's namespaces", async () => {
    const made = await server.client.create(pods, pod("critical", { priorityClassName: "system-node-critical" }));
    expect([
      made.spec.priority,
      await messageOf(server.client.delete(namespaces, { name: "kube-system" })),
      await messageOf(server.client.create(pods, { ...pod("x"), metadata: { namespace: "gone", name: "x" } })),
    ]).toEqual([
      2_000_001_000,
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
      'namespaces "gone" not found',
    ]);
  });
});

describe("default roles and bindings", () => {
  it("are all there, and a second start changes nothing", async () => {
    const { items } = await server.client.list(clusterRoleBindings);
    const node = await server.client.get(clusterRoles, { name: "system:node" });
    const { reconcileDefaults } = await import("../../src/apiserver/standard-parts.ts");
    const { silentLogger } = await import("../../src/base/log.ts");
    const before = server.store.revision;
    await reconcileDefaults(server.client, silentLogger, new AbortController().signal);
    expect({
      defaults: items.filter((item) => item.metadata.labels?.["kubernetes.io/bootstrapping"] === "rbac-defaults")
        .length,
      rules: (node.rules ?? []).length > 10,
      writes: server.store.revision - before,
    }).toEqual({ defaults: 50, rules: true, writes: 0 });
  });

  it("let controllers do their work and nothing beside", async () => {
    const controller = serviceAccountUser("kube-system", "replicaset-controller");
    const client = server.as(controller);
    expect([await messageOf(client.list(pods)), await messageOf(client.list(secrets))]).toEqual([
      "",
      'secrets is forbidden: User "system:serviceaccount:kube-system:replicaset-controller" cannot list resource "secrets" in API group "" at the cluster scope',
    ]);
  });
});

describe("what pods may do", () => {
  it("is what the standard of their namespace allows, under its old names too", async () => {
    const labels = { "pod-security.kubernetes.io/enforce": "baseline" };
    await server.client.create(namespaces, { metadata: { name: "guarded", labels } });
    await server.client.create(serviceAccounts, { metadata: { namespace: "guarded", name: "default" } });
    const annotations = { "container.apparmor.security.beta.kubernetes.io/c": "unconfined" };
    const metadata = { namespace: "guarded", generateName: "x-", annotations };
    expect(await messageOf(server.client.create(pods, { ...pod("x"), metadata }))).toMatch(
      /^pods "x-\w{5}" is forbidden: violates PodSecurity "baseline:latest": forbidden AppArmor profiles \(container "c" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io\/c="unconfined""\)$/,
    );
  });
});
