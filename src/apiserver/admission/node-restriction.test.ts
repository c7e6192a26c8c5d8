import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import {
  certificateSigningRequests,
  csiDrivers,
  csiNodes,
  leases,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  resourceSlices,
  serviceAccounts,
} from "../../api/resources.ts";
import type { Node, Pod } from "../../api/types/core-v1.ts";
import { admitWith, type TestWrite } from "../../testing/admit.ts";
import { createFixedObjects } from "../../testing/fixed-objects.ts";
import { createNodeRestriction } from "./node-restriction.ts";

const objects = createFixedObjects();
const user = { username: "system:node:n1", groups: ["system:nodes"] };
const plugin = createNodeRestriction(objects, {
  authorize: (attributes) => ({
    outcome: attributes.kind === "resource" && attributes.resource === "allowed" ? "allow" : "noOpinion",
    reason: "",
  }),
});
objects.put(nodes, { metadata: { name: "n1", uid: "n1-uid" } });
const onNode = (name: string, nodeName: string, more: Input<Pod["spec"]> = {}): unknown =>
  objects.put(pods, {
    metadata: { namespace: "ns", name, uid: `${name}-uid` },
    spec: { nodeName, containers: [], ...more },
  });
onNode("mine", "n1", {
  volumes: [
    { name: "t", projected: { sources: [{ serviceAccountToken: { path: "t", audience: "vault" } }] } },
    { name: "d", persistentVolumeClaim: { claimName: "data" } },
  ],
});
onNode("plain", "n1");
onNode("broken", "n1", { volumes: [{ name: "d", persistentVolumeClaim: { claimName: "gone" } }] });
onNode("other", "n2");
objects.put(persistentVolumeClaims, { metadata: { namespace: "ns", name: "data" }, spec: { volumeName: "pv" } });
objects.put(persistentVolumes, { metadata: { name: "pv" }, spec: { csi: { driver: "csi.x", volumeHandle: "h" } } });
objects.put(csiDrivers, { metadata: { name: "csi.x" }, spec: { tokenRequests: [{ audience: "csi" }] } });

/** The refusal, without its head; undefined when the write is let through. */
async function whyNot<T extends { metadata: object }>(write: TestWrite<T>): Promise<string | undefined> {
  const answer = await admitWith(plugin, { user, ...write } as never);
  return typeof answer === "string" ? answer.replace(/^.*? is forbidden: /, "") : undefined;
}

const owner = { apiVersion: "v1", kind: "Node", name: "n1", uid: "n1-uid", controller: true };
const mirror = (metadata: Input<Pod["metadata"]>, spec: Input<Pod["spec"]> = {}): TestWrite<Pod> => ({
  resource: pods,
  object: {
    metadata: { annotations: { "kubernetes.io/config.mirror": "h" }, ownerReferences: [owner], ...metadata },
    spec: { nodeName: "n1", containers: [{ name: "c", image: "i" }], ...spec },
  },
});

describe("NodeRestriction: pods", () => {
  it.each([
    { name: "a mirror pod of its own", write: mirror({}), why: undefined },
    {
      name: "an ordinary pod",
      write: mirror({ annotations: {} }),
      why: 'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    },
    {
      name: "a mirror pod of another node",
      write: mirror({}, { nodeName: "n2" }),
      why: 'node "n1" can only create pods with spec.nodeName set to itself',
    },
    {
      name: "a mirror pod without owner",
      write: mirror({ ownerReferences: [] }),
      why: 'node "n1" can only create pods with an owner reference set to itself',
    },
    {
      name: "a mirror pod with two owners",
      write: mirror({ ownerReferences: [owner, owner] }),
      why: 'node "n1" can only create pods with a single owner reference set to itself',
    },
    {
      name: "a mirror pod of a node that was made anew",
      write: mirror({ ownerReferences: [{ ...owner, uid: "old" }] }),
      why: "node n1 UID mismatch: expected old got n1-uid",
    },
    {
      name: "a mirror pod with a configmap",
      write: mirror({}, { volumes: [{ name: "v", configMap: { name: "m" } }] }),
      why: 'node "n1" can not create pods that reference configmaps',
    },
    {
      name: "a mirror pod with a claim",
      write: mirror({}, { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "m" } }] }),
      why: 'node "n1" can not create pods that reference persistentvolumeclaims',
    },
    {
      name: "a mirror pod with a token",
      write: mirror({}, { volumes: [{ name: "v", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }] }),
      why: 'node "n1" can not create pods that reference serviceaccounts (via projected volumes)',
    },
  ])("create: $name", async ({ write, why }) => {
    expect(await whyNot(write)).toBe(why);
  });

  const status = (nodeName: string, changes: object, labels = {}): TestWrite<Pod> => ({
    resource: pods,
    subresource: "status",
    old: { spec: { nodeName, containers: [] } },
    object: { metadata: { labels }, spec: { nodeName, containers: [] }, status: changes },
  });
  it.each([
    { name: "status of a pod of its own", write: status("n1", { phase: "Running" }), why: undefined },
    {
      name: "status of a pod elsewhere",
      write: status("n2", {}),
      why: 'node "n1" can only update pod status for pods with spec.nodeName set to itself',
    },
    {
      name: "labels by way of status",
      write: status("n1", {}, { a: "b" }),
      why: 'node "n1" cannot update labels through pod status',
    },
    {
      name: "claims by way of status",
      write: status("n1", { resourceClaimStatuses: [{ name: "c" }] }),
      why: 'node "n1" cannot update resource claim statues',
    },
    {
      name: "deleting its own pod",
      write: { resource: pods, name: "mine", operation: "delete" as const },
      why: undefined,
    },
    {
      name: "deleting a pod elsewhere",
      write: { resource: pods, name: "other", operation: "delete" as const },
      why: 'node "n1" can only delete pods with spec.nodeName set to itself',
    },
    {
      name: "evicting a pod elsewhere",
      write: { resource: pods, name: "other", subresource: "eviction", operation: "create" as const },
      why: "node n1 can only evict pods with spec.nodeName set to itself",
    },
    {
      name: "changing a pod",
      write: { resource: pods, object: mirror({}).object ?? {}, old: mirror({}).object ?? {} },
      why: 'unexpected operation "UPDATE", node "n1" can only create and delete mirror pods',
    },
    {
      name: "running something in a pod",
      write: { resource: pods, name: "mine", subresource: "ephemeralcontainers", operation: "update" as const },
      why: "unexpected pod subresource \"ephemeralcontainers\", only 'status' and 'eviction' are allowed",
    },
  ])("$name", async ({ write, why }) => {
    expect(await whyNot(write as TestWrite<Pod>)).toBe(why);
  });
});

describe("NodeRestriction: nodes", () => {
  const node = (metadata: Input<Node["metadata"]>, spec: Input<Node["spec"]> = {}): Input<Node> => ({
    metadata: { name: "n1", ...metadata },
    spec,
  });
  const labels = { "kubernetes.io/hostname": "h", "node.kubernetes.io/x": "y", "example.com/a": "b" };
  it.each([
    { name: "itself", object: node({ labels }), why: undefined },
    { name: "another", object: node({ name: "n2" }), why: 'node "n1" is not allowed to modify node "n2"' },
    {
      name: "labels that steer pods",
      object: node({
        labels: { "node-restriction.kubernetes.io/a": "b", "x.k8s.io/c": "d", "kubernetes.io/os": "linux" },
      }),
      why: 'node "n1" is not allowed to set the following labels: node-restriction.kubernetes.io/a, x.k8s.io/c',
    },
  ])("create: $name", async ({ object, why }) => {
    expect(await whyNot({ resource: nodes, object })).toBe(why);
  });

  it.each([
    { name: "capacity", object: node({}), why: undefined },
    {
      name: "taints",
      object: node({}, { taints: [{ key: "a", effect: "NoSchedule" }] }),
      why: 'node "n1" is not allowed to modify taints',
    },
    {
      name: "owners",
      object: node({ ownerReferences: [owner] }),
      why: 'node "n1" is not allowed to modify ownerReferences',
    },
    {
      name: "labels",
      object: node({ labels: { "kubernetes.io/role": "master" } }),
      why: "is not allowed to modify labels: kubernetes.io/role",
    },
  ])("update: $name", async ({ object, why }) => {
    expect(await whyNot({ resource: nodes, object, old: node({}) })).toBe(why);
  });
});

describe("NodeRestriction: tokens", () => {
  const token = (boundObjectRef: object | undefined, audiences: string[] = []) => ({
    resource: serviceAccounts,
    subresource: "token",
    type: "authentication.v1.TokenRequest",
    name: "sa",
    object: { spec: { audiences, boundObjectRef } } as never,
  });
  const ref = (name: string, uid = `${name}-uid`) => ({ apiVersion: "v1", kind: "Pod", name, uid });
  const unknown = "system:node:n1 is not authorized to request tokens for this audience";
  it.each([
    { name: "audience of a projected volume", write: token(ref("mine"), ["vault"]), why: undefined },
    { name: "audience of a CSI driver", write: token(ref("mine"), ["csi"]), why: undefined },
    { name: "audience that its role allows", write: token(ref("plain"), ["allowed"]), why: undefined },
    {
      name: "audience that nothing names",
      write: token(ref("plain"), ["vault"]),
      why: `audience "vault" not found in pod spec volume, ${unknown}`,
    },
    {
      name: "the server's own audience, which the pod does not ask for",
      write: token(ref("mine")),
      why: `audience "" not found in pod spec volume, ${unknown}`,
    },
    { name: "two audiences", write: token(ref("mine"), ["a", "b"]), why: "node may only request 0 or 1 audiences" },
    {
      name: "a volume that cannot be followed",
      write: token(ref("broken"), ["a"]),
      why: 'error validating audience "a": persistentvolumeclaims "gone" not found',
    },
    { name: "no pod", write: token(undefined), why: "node requested token not bound to a pod" },
    {
      name: "no uid",
      write: token({ apiVersion: "v1", kind: "Pod", name: "mine" }),
      why: "node requested token with a pod binding without a uid",
    },
    {
      name: "a pod that was made anew",
      write: token(ref("mine", "old")),
      why: "the UID in the bound object reference (old) does not match the UID in record. The object might have been deleted and then recreated",
    },
    {
      name: "a pod elsewhere",
      write: token(ref("other")),
      why: "node requested token bound to a pod scheduled on a different node",
    },
    { name: "a pod that is gone", write: token(ref("nobody")), why: 'pods "nobody" not found' },
  ])("$name", async ({ write, why }) => {
    expect(await whyNot(write)).toBe(why);
  });
});

describe("NodeRestriction: other kinds", () => {
  const lease = (name: string, namespace = "kube-node-lease") => ({
    resource: leases,
    object: { metadata: { namespace, name } },
  });
  const claim = (status: object) => ({
    resource: persistentVolumeClaims,
    subresource: "status",
    old: { status: { phase: "Bound" as const } },
    object: { status: { phase: "Bound" as const, ...status } },
  });
  const sameName = "with the same name as the requesting node";
  it.each([
    { name: "own lease", write: lease("n1"), why: undefined },
    { name: "lease of another", write: lease("n2"), why: `can only access node lease ${sameName}` },
    {
      name: "lease elsewhere",
      write: lease("n1", "ns"),
      why: 'can only access leases in the "kube-node-lease" system namespace',
    },
    { name: "own CSINode", write: { resource: csiNodes, object: { metadata: { name: "n1" } } }, why: undefined },
    {
      name: "CSINode of another",
      write: { resource: csiNodes, object: { metadata: { name: "n2" } } },
      why: `can only access CSINode ${sameName}`,
    },
    { name: "size of a claim", write: claim({ capacity: { storage: "2Gi" } }), why: undefined },
    {
      name: "phase of a claim",
      write: claim({ phase: "Lost" }),
      why: 'node "n1" is not allowed to update fields other than status.quantity and status.conditions',
    },
    {
      name: "slice of another",
      write: { resource: resourceSlices, object: { spec: { nodeName: "n2" } } as never },
      why: "can only create ResourceSlice with the same NodeName as the requesting node",
    },
    {
      name: "certificate request that cannot be read",
      write: {
        resource: certificateSigningRequests,
        object: { spec: { signerName: "kubernetes.io/kubelet-serving", request: "eA==" } },
      },
      why: "unable to parse csr: PEM block type must be CERTIFICATE REQUEST",
    },
  ])("$name", async ({ write, why }) => {
    expect(await whyNot(write as never)).toBe(why);
  });

  it("leaves everyone else alone", async () => {
    const write = { ...lease("n2"), user: { username: "jane", groups: [] } };
    expect(await whyNot(write)).toBeUndefined();
  });
});
