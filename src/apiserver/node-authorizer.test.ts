import { describe, expect, it } from "vitest";
import { persistentVolumes, pods, volumeAttachments } from "../api/resources.ts";
import { createFixedObjects, type FixedObjects } from "../testing/fixed-objects.ts";
import type { RequestAttributes, ResourceAttributes } from "./attributes.ts";
import { createNodeAuthorizer } from "./node-authorizer.ts";

const node = { username: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };

function asks(verb: string, path: string, more: Partial<ResourceAttributes> = {}): RequestAttributes {
  const [group = "", resource = "", subresource = ""] = path.split("/");
  const base = { kind: "resource", user: node, verb, group, version: "v1", resource, subresource } as const;
  return { ...base, namespace: "ns", name: "", ...more };
}

function clusterWith(): FixedObjects {
  const objects = createFixedObjects();
  objects.put(pods, {
    metadata: { namespace: "ns", name: "web" },
    spec: {
      nodeName: "n1",
      serviceAccountName: "runner",
      imagePullSecrets: [{ name: "registry" }],
      containers: [
        {
          name: "c",
          image: "i",
          envFrom: [{ secretRef: { name: "env" } }, { configMapRef: { name: "env-map" } }],
          env: [{ name: "A", valueFrom: { secretKeyRef: { name: "key", key: "k" } } }],
        },
      ],
      volumes: [
        { name: "s", secret: { secretName: "tls" } },
        { name: "p", projected: { sources: [{ configMap: { name: "root-ca" } }, { secret: { name: "part" } }] } },
        { name: "d", persistentVolumeClaim: { claimName: "data" } },
        { name: "e", ephemeral: { volumeClaimTemplate: { spec: {} } } },
      ],
    },
  });
  objects.put(pods, {
    metadata: { namespace: "ns", name: "mirror", annotations: { "kubernetes.io/config.mirror": "x" } },
    spec: { nodeName: "n1", containers: [], volumes: [{ name: "s", secret: { secretName: "grabbed" } }] },
  });
  objects.put(pods, {
    metadata: { namespace: "ns", name: "elsewhere" },
    spec: { nodeName: "n2", containers: [], volumes: [{ name: "s", secret: { secretName: "other" } }] },
  });
  objects.put(persistentVolumes, {
    metadata: { name: "pv" },
    spec: {
      claimRef: { namespace: "ns", name: "data" },
      csi: { driver: "d", volumeHandle: "h", nodeStageSecretRef: { namespace: "csi", name: "stage" } },
    },
  });
  objects.put(volumeAttachments, {
    metadata: { name: "va" },
    spec: { attacher: "a", nodeName: "n1", source: {} },
  });
  return objects;
}

const unrelated = "no relationship found between node 'n1' and this object";
const onNode = (value: string) => [{ field: "spec.nodeName", operator: "=" as const, value }];

describe("node authoriser", () => {
  const authorizer = createNodeAuthorizer(clusterWith());
  it.each([
    ...["registry", "env", "key", "tls", "part"].map((name) => ({
      name: `secret ${name} of a pod of its own`,
      request: asks("get", "/secrets", { name }),
      refusal: undefined,
    })),
    { name: "secret of a volume", request: asks("get", "/secrets", { namespace: "csi", name: "stage" }) },
    { name: "secret of a pod elsewhere", request: asks("get", "/secrets", { name: "other" }), refusal: unrelated },
    { name: "secret of a mirror pod", request: asks("get", "/secrets", { name: "grabbed" }), refusal: unrelated },
    { name: "all secrets", request: asks("list", "/secrets"), refusal: "No Object name found" },
    {
      name: "writing a secret",
      request: asks("update", "/secrets", { name: "tls" }),
      refusal: "can only read resources of this type",
    },
    { name: "watch of one configmap", request: asks("watch", "/configmaps", { name: "root-ca" }) },
    { name: "configmap by environment", request: asks("get", "/configmaps", { name: "env-map" }) },
    { name: "claim", request: asks("get", "/persistentvolumeclaims", { name: "data" }) },
    { name: "ephemeral claim", request: asks("get", "/persistentvolumeclaims", { name: "web-e" }) },
    {
      name: "list of claims",
      request: asks("list", "/persistentvolumeclaims"),
      refusal: "can only get individual resources of this type",
    },
    { name: "volume of a claim", request: asks("get", "/persistentvolumes", { namespace: "", name: "pv" }) },
    {
      name: "attachment",
      request: asks("get", "storage.k8s.io/volumeattachments", { namespace: "", name: "va" }),
    },
    {
      name: "token of a running service account",
      request: asks("create", "/serviceaccounts/token", { name: "runner" }),
    },
    {
      name: "token of another service account",
      request: asks("create", "/serviceaccounts/token", { name: "admin" }),
      refusal: unrelated,
    },
    {
      name: "creating a service account",
      request: asks("create", "/serviceaccounts", { name: "x" }),
      refusal: "can only create token subresource of serviceaccount",
    },
    { name: "own node", request: asks("get", "/nodes", { namespace: "", name: "n1" }) },
    {
      name: "another node",
      request: asks("get", "/nodes", { namespace: "", name: "n2" }),
      refusal: "node 'n1' cannot read 'n2', only its own Node object",
    },
    {
      name: "all nodes",
      request: asks("list", "/nodes", { namespace: "" }),
      refusal: "node 'n1' cannot read all nodes, only its own Node object",
    },
    { name: "node status", request: asks("patch", "/nodes/status", { namespace: "", name: "n1" }) },
    { name: "own pods", request: asks("list", "/pods", { namespace: "", fieldSelector: onNode("n1") }) },
    {
      name: "pods of another node",
      request: asks("list", "/pods", { namespace: "", fieldSelector: onNode("n2") }),
      refusal: "can only list/watch pods with spec.nodeName field selector",
    },
    { name: "one pod of its own", request: asks("get", "/pods", { name: "web" }) },
    { name: "one pod elsewhere", request: asks("get", "/pods", { name: "elsewhere" }), refusal: unrelated },
    { name: "pod status", request: asks("patch", "/pods/status", { name: "web" }) },
    { name: "updating a pod", request: asks("update", "/pods", { name: "web" }), refusal: "" },
    {
      name: "own lease",
      request: asks("update", "coordination.k8s.io/leases", { namespace: "kube-node-lease", name: "n1" }),
    },
    {
      name: "lease of another node",
      request: asks("update", "coordination.k8s.io/leases", { namespace: "kube-node-lease", name: "n2" }),
      refusal: "can only access node lease with the same name as the requesting node",
    },
    {
      name: "lease elsewhere",
      request: asks("get", "coordination.k8s.io/leases", { namespace: "kube-system", name: "n1" }),
      refusal: 'can only access leases in the "kube-node-lease" system namespace',
    },
    { name: "services, as every node may", request: asks("list", "/services", { namespace: "" }) },
    { name: "events, as every node may", request: asks("create", "/events") },
    { name: "deployments", request: asks("list", "apps/deployments"), refusal: "" },
    {
      name: "a node without name",
      request: { ...asks("get", "/nodes"), user: { ...node, username: "system:node:" } } as RequestAttributes,
      refusal: 'unknown node for user "system:node:"',
    },
    {
      name: "a user who only calls herself a node",
      request: { ...asks("list", "/services"), user: { ...node, groups: [] } } as RequestAttributes,
      refusal: "",
    },
  ])("decides: $name", ({ request, refusal }: { request: RequestAttributes; refusal?: string | undefined }) => {
    expect(authorizer.authorize(request)).toEqual(
      refusal === undefined ? { outcome: "allow", reason: "" } : { outcome: "noOpinion", reason: refusal },
    );
  });

  it("forgets what a pod needed when it goes, unless another pod needs it too", () => {
    const objects = clusterWith();
    const asked = createNodeAuthorizer(objects);
    const mayRead = (name: string): boolean => asked.authorize(asks("get", "/secrets", { name })).outcome === "allow";
    const spec = { nodeName: "n1", containers: [], volumes: [{ name: "s", secret: { secretName: "tls" } }] };
    objects.put(pods, { metadata: { namespace: "ns", name: "second" }, spec });
    objects.remove(pods, "ns/web");
    const afterFirst = [mayRead("tls"), mayRead("env")];
    objects.remove(pods, "ns/second");
    expect([afterFirst, mayRead("tls")]).toEqual([[true, false], false]);
  });

  it("notices when a pod is bound", () => {
    const objects = createFixedObjects();
    const asked = createNodeAuthorizer(objects);
    const put = (nodeName?: string): unknown =>
      objects.put(pods, {
        metadata: { namespace: "ns", name: "p" },
        spec: { ...(nodeName === undefined ? {} : { nodeName }), serviceAccountName: "sa", containers: [] },
      });
    const mayCreate = (): string => asked.authorize(asks("create", "/serviceaccounts/token", { name: "sa" })).outcome;
    put();
    const before = mayCreate();
    put("n1");
    expect([before, mayCreate()]).toEqual(["noOpinion", "allow"]);
  });
});
