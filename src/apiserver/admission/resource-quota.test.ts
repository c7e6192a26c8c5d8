import { beforeEach, describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import {
  configMaps,
  deployments,
  persistentVolumeClaims,
  pods,
  resourceQuotas,
  secrets,
  services,
} from "../../api/resources.ts";
import { conflict, internalError } from "../../api/status-error.ts";
import type { Pod, ResourceQuota } from "../../api/types/core-v1.ts";
import { createVirtualClock } from "../../base/virtual-clock.ts";
import { admitWith, type TestWrite } from "../../testing/admit.ts";
import { createFixedObjects, type FixedObjects } from "../../testing/fixed-objects.ts";
import type { AdmissionPlugin } from "../admission.ts";
import { createResourceQuotaAdmission } from "./resource-quota.ts";

type Amounts = Readonly<Record<string, string>>;

let objects: FixedObjects;
let plugin: AdmissionPlugin;
let stored: number;
/** Runs before a quota is stored; may throw. */
let beforeStore: (quota: ResourceQuota) => void;

beforeEach(() => {
  objects = createFixedObjects();
  stored = 0;
  beforeStore = () => undefined;
  plugin = createResourceQuotaAdmission(objects, createVirtualClock(), async (quota) => {
    stored += 1;
    await Promise.resolve();
    beforeStore(quota);
    objects.put(resourceQuotas, quota);
  });
});

/** A quota of which nothing is used. */
function limit(name: string, hard: Amounts, spec: Input<ResourceQuota["spec"]> = {}, used: Amounts = {}): void {
  const none = Object.fromEntries(Object.keys(hard).map((counted) => [counted, "0"]));
  const status = { hard, used: { ...none, ...used } };
  objects.put(resourceQuotas, { metadata: { name, namespace: "ns" }, spec: { hard, ...spec }, status });
}
const usedOf = (name: string): Amounts | undefined => objects.of(resourceQuotas).cache.get(`ns/${name}`)?.status.used;
const ask = (write: TestWrite<never>) => admitWith(plugin, write);
const pod = (resources: object = {}, spec: object = {}): Input<Pod> => ({
  spec: { containers: [{ name: "c", image: "x", resources }], ...spec },
});
const askPod = (object: Input<Pod>) => admitWith(plugin, { resource: pods, object });

// The words are those of kube-apiserver v1.36.
describe("a write beyond a quota", () => {
  it("is refused for pods, with what is asked, used and allowed", async () => {
    limit("q", { pods: "2", "requests.cpu": "1", "limits.memory": "1Gi", "requests.acme.io/gpu": "1" });
    const amounts = { cpu: "2", "acme.io/gpu": "2" };
    expect(await askPod(pod({ requests: amounts, limits: { memory: "4Gi", "acme.io/gpu": "2" } }))).toBe(
      'pods "x" is forbidden: exceeded quota: q, requested: limits.memory=4Gi,requests.acme.io/gpu=2,requests.cpu=2, used: limits.memory=0,requests.acme.io/gpu=0,requests.cpu=0, limited: limits.memory=1Gi,requests.acme.io/gpu=1,requests.cpu=1',
    );
    expect(stored).toBe(0);
  });

  it.each<[string, TestWrite<never>, Amounts, string]>([
    [
      "config maps",
      { resource: configMaps as never, object: {} as never },
      { configmaps: "0" },
      'configmaps "x" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=0, limited: configmaps=0',
    ],
    [
      "node ports",
      {
        resource: services as never,
        object: { spec: { type: "NodePort", ports: [{ port: 80 }, { port: 81, name: "b" }] } } as never,
      },
      { "services.nodeports": "1", services: "5" },
      'services "x" is forbidden: exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1',
    ],
    [
      "load balancers",
      { resource: services as never, object: { spec: { type: "LoadBalancer", ports: [{ port: 80 }] } } as never },
      { "services.loadbalancers": "0" },
      'services "x" is forbidden: exceeded quota: q, requested: services.loadbalancers=1, used: services.loadbalancers=0, limited: services.loadbalancers=0',
    ],
    [
      "any kind",
      { resource: deployments as never, object: {} as never },
      { "count/deployments.apps": "0" },
      'deployments.apps "x" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    ],
    [
      "storage of a class",
      {
        resource: persistentVolumeClaims as never,
        object: { spec: { storageClassName: "fast", resources: { requests: { storage: "2Gi" } } } } as never,
      },
      { "requests.storage": "1Gi", "fast.storageclass.storage.k8s.io/requests.storage": "500Mi" },
      'persistentvolumeclaims "x" is forbidden: exceeded quota: q, requested: fast.storageclass.storage.k8s.io/requests.storage=2Gi,requests.storage=2Gi, used: fast.storageclass.storage.k8s.io/requests.storage=0,requests.storage=0, limited: fast.storageclass.storage.k8s.io/requests.storage=500Mi,requests.storage=1Gi',
    ],
  ])("is refused for %s", async (_, write, hard, message) => {
    limit("q", hard);
    expect(await ask(write)).toBe(message);
  });

  it("is refused when a container does not say what it needs", async () => {
    limit("q", { pods: "2", "requests.cpu": "1", "limits.memory": "1Gi" });
    expect(await askPod(pod())).toBe(
      'pods "x" is forbidden: failed quota: q: must specify limits.memory for: c; requests.cpu for: c',
    );
    expect(await askPod(pod({}, { resources: { requests: { cpu: "1" } } }))).toBeTypeOf("object");
  });

  it("is refused while nobody has counted what is used", async () => {
    objects.put(resourceQuotas, {
      metadata: { name: "q", namespace: "ns" },
      spec: { hard: { pods: "1" } },
      status: { hard: { pods: "1", secrets: "1" }, used: { pods: "0" } },
    });
    expect(await admitWith(plugin, { resource: secrets, object: {} })).toBe(
      'secrets "x" is forbidden: status unknown for quota: q, resources: secrets',
    );
    expect(await askPod(pod())).toBeTypeOf("object");
  });
});

describe("a write within all quotas", () => {
  it("is charged to those that count it", async () => {
    limit("a", { pods: "2", "requests.cpu": "1" }, {}, { pods: "1", "requests.cpu": "250m" });
    limit("b", { configmaps: "2" });
    await askPod(pod({ requests: { cpu: "500m" } }));
    expect([usedOf("a"), usedOf("b")]).toEqual([{ pods: "2", "requests.cpu": "750m" }, { configmaps: "0" }]);
    expect(stored).toBe(1);
  });

  it("is charged by what it adds when it is a change", async () => {
    limit("q", { "requests.storage": "10Gi" }, {}, { "requests.storage": "4Gi" });
    const claim = (storage: string) => ({ spec: { resources: { requests: { storage } } } });
    await admitWith(plugin, { resource: persistentVolumeClaims, object: claim("5Gi"), old: claim("2Gi") });
    expect(usedOf("q")).toEqual({ "requests.storage": "7Gi" });
    await admitWith(plugin, { resource: persistentVolumeClaims, object: claim("1Gi"), old: claim("5Gi") });
    expect(stored).toBe(1);
  });

  it("may come through a quota that is exceeded, when it adds nothing", async () => {
    limit("q", { "requests.storage": "1Gi", persistentvolumeclaims: "1" }, {}, { "requests.storage": "4Gi" });
    const claim = { spec: { resources: { requests: { storage: "2Gi" } } } };
    expect(await admitWith(plugin, { resource: persistentVolumeClaims, object: claim, old: claim })).toBeTypeOf(
      "object",
    );
  });

  it("is not charged for what changes nothing", async () => {
    limit("q", { pods: "1" }, {}, { pods: "1" });
    expect(await admitWith(plugin, { resource: pods, object: pod(), old: pod() })).toBeTypeOf("object");
    expect(await admitWith(plugin, { resource: pods, object: pod(), old: pod(), subresource: "status" })).toBeTypeOf(
      "object",
    );
  });
});

describe("scopes", () => {
  const reaching = {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "zone", namespaces: ["other"] }],
    },
  };
  it.each<[string, Input<ResourceQuota["spec"]>, Input<Pod>, Input<Pod>]>([
    ["BestEffort", { scopes: ["BestEffort"] }, pod(), pod({ requests: { cpu: "1" } })],
    ["NotBestEffort", { scopes: ["NotBestEffort"] }, pod({ requests: { cpu: "1" } }), pod()],
    ["Terminating", { scopes: ["Terminating"] }, pod({}, { activeDeadlineSeconds: 5 }), pod()],
    ["NotTerminating", { scopes: ["NotTerminating"] }, pod(), pod({}, { activeDeadlineSeconds: 0 })],
    ["CrossNamespacePodAffinity", { scopes: ["CrossNamespacePodAffinity"] }, pod({}, { affinity: reaching }), pod()],
    [
      "PriorityClass in a list",
      { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["high"] }] } },
      pod({}, { priorityClassName: "high" }),
      pod({}, { priorityClassName: "low" }),
    ],
    [
      "PriorityClass not in a list",
      { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "NotIn", values: ["high"] }] } },
      pod(),
      pod({}, { priorityClassName: "high" }),
    ],
    ["PriorityClass of any name", { scopes: ["PriorityClass"] }, pod({}, { priorityClassName: "low" }), pod()],
    ["two scopes", { scopes: ["BestEffort", "Terminating"] }, pod({}, { activeDeadlineSeconds: 5 }), pod()],
  ])("%s: only pods within are counted", async (_, spec, inside, outside) => {
    limit("q", { pods: "0" }, spec);
    expect(await askPod(inside)).toMatch(/exceeded quota: q/);
    expect(await askPod(outside)).toBeTypeOf("object");
  });
});

describe("many writes at once", () => {
  it("never use more than there is, and are charged together", async () => {
    limit("q", { configmaps: "3" });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => admitWith(plugin, { resource: configMaps, object: {} })),
    );
    expect(answers.filter((answer) => typeof answer !== "string")).toHaveLength(3);
    expect(usedOf("q")).toEqual({ configmaps: "3" });
    // The first goes alone, the others while it is on its way.
    expect(stored).toBe(2);
  });

  it("are charged again when somebody else has changed the quota", async () => {
    limit("q", { configmaps: "3" });
    let isFirst = true;
    beforeStore = () => {
      if (!isFirst) return;
      isFirst = false;
      limit("q", { configmaps: "3" }, {}, { configmaps: "2" });
      throw conflict(resourceQuotas, "q", "changed");
    };
    expect(await admitWith(plugin, { resource: configMaps, object: {} })).toBeTypeOf("object");
    expect(usedOf("q")).toEqual({ configmaps: "3" });
  });

  it("fail when the quota cannot be written, and harm nobody else", async () => {
    limit("q", { configmaps: "3" });
    beforeStore = () => {
      throw internalError("disk full");
    };
    expect(await admitWith(plugin, { resource: configMaps, object: {} })).toMatch(/disk full/);
    beforeStore = () => undefined;
    expect(await admitWith(plugin, { resource: configMaps, object: {} })).toBeTypeOf("object");
  });
});
