import { describe, expect, it } from "vitest";
import type { Input } from "../api/draft.ts";
import type { ApiObject } from "../api/metadata.ts";
import { persistentVolumeClaims, pods, resourceQuotas, services } from "../api/resources.ts";
import type { PersistentVolumeClaim, Pod, Service } from "../api/types/core-v1.ts";
import { createFixedObjects } from "../testing/fixed-objects.ts";
import { quotaEvaluator, usageOfAll } from "./quota.ts";

const nowMs = Date.parse("2026-01-01T12:00:00Z");
const objects = createFixedObjects();
const metadata = { name: "x", namespace: "ns" };
const pod = ({ metadata: more, ...rest }: Input<Pod>): ApiObject =>
  objects.put(pods, { metadata: { ...metadata, ...more }, ...rest }) as unknown as ApiObject;
const service = (spec: Input<Service["spec"]>): ApiObject =>
  objects.put(services, { metadata, spec }) as unknown as ApiObject;
const claim = (object: Input<PersistentVolumeClaim>): ApiObject =>
  objects.put(persistentVolumeClaims, { metadata, ...object }) as unknown as ApiObject;
const usage = (plural: string, object: ApiObject) => ({
  ...quotaEvaluator({ group: "", plural })?.usage(object, nowMs),
});
const mayFree = (plural: string, before: ApiObject, after: ApiObject): boolean | undefined =>
  quotaEvaluator({ group: "", plural })?.mayFree(before, after, nowMs);
const container = (requests: Record<string, string>, limits: Record<string, string> = {}) => ({
  name: "c",
  resources: { requests, limits },
});

describe("what is counted", () => {
  it("of pods is what they request and may use", () => {
    const requests = { cpu: "100m", "hugepages-2Mi": "4Mi", "acme.io/gpu": "1" };
    const limits = { memory: "1Gi", "hugepages-2Mi": "4Mi", "acme.io/gpu": "1" };
    expect(usage("pods", pod({ spec: { containers: [container(requests, limits)], overhead: { cpu: "1" } } }))).toEqual(
      {
        "count/pods": "1",
        pods: "1",
        cpu: "1100m",
        "requests.cpu": "1100m",
        "limits.memory": "1Gi",
        "hugepages-2Mi": "4Mi",
        "requests.hugepages-2Mi": "4Mi",
        "requests.acme.io/gpu": "1",
      },
    );
  });

  it("of pods that have ended, or should be gone, is only that they are there", () => {
    const spec = { containers: [container({ cpu: "1" })] };
    const going = (deletionTimestamp: string) =>
      pod({ metadata: { name: "x", deletionTimestamp, deletionGracePeriodSeconds: 30 }, spec });
    expect(usage("pods", pod({ spec, status: { phase: "Succeeded" } }))).toEqual({ "count/pods": "1" });
    expect(usage("pods", pod({ spec, status: { phase: "Failed" } }))).toEqual({ "count/pods": "1" });
    expect(usage("pods", going("2026-01-01T11:59:29Z"))).toEqual({ "count/pods": "1" });
    expect(usage("pods", going("2026-01-01T11:59:30Z"))).toMatchObject({ pods: "1", "requests.cpu": "1" });
  });

  it.each<[Input<Service["spec"]>, string, string]>([
    [{ type: "ClusterIP", ports: [{ port: 1 }] }, "0", "0"],
    [{ type: "NodePort", ports: [{ port: 1 }, { port: 2 }] }, "2", "0"],
    [{ type: "LoadBalancer", ports: [{ port: 1 }, { port: 2 }] }, "2", "1"],
    [
      {
        type: "LoadBalancer",
        allocateLoadBalancerNodePorts: false,
        ports: [{ port: 1, nodePort: 30000 }, { port: 2 }],
      },
      "1",
      "1",
    ],
  ])("of the service %j is what it takes of nodes and of the world", (spec, nodePorts, loadBalancers) => {
    expect(usage("services", service(spec))).toEqual({
      "count/services": "1",
      services: "1",
      "services.nodeports": nodePorts,
      "services.loadbalancers": loadBalancers,
    });
  });

  it("of claims is the storage in whole bytes, for their class too, or what is granted where that is more", () => {
    const spec = { storageClassName: "fast", resources: { requests: { storage: "1500m" } } };
    expect(usage("persistentvolumeclaims", claim({ spec }))).toEqual({
      "count/persistentvolumeclaims": "1",
      persistentvolumeclaims: "1",
      "requests.storage": "2",
      "fast.storageclass.storage.k8s.io/persistentvolumeclaims": "1",
      "fast.storageclass.storage.k8s.io/requests.storage": "2",
    });
    const granted = claim({ spec, status: { allocatedResources: { storage: "5Gi" } } });
    expect(usage("persistentvolumeclaims", granted)).toMatchObject({ "requests.storage": "5Gi" });
  });

  it("of other kinds is how many there are, and of passing ones nothing", () => {
    expect(quotaEvaluator({ group: "apps", plural: "deployments" })?.names(["count/deployments.apps", "pods"])).toEqual(
      ["count/deployments.apps"],
    );
    expect(quotaEvaluator({ group: "", plural: "secrets" })?.names(["secrets", "count/secrets"])).toEqual([
      "secrets",
      "count/secrets",
    ]);
    expect(quotaEvaluator({ group: "", plural: "events" })).toBeUndefined();
  });

  it("is added up over the objects that a quota is about", () => {
    const quota = objects.put(resourceQuotas, {
      metadata,
      spec: { hard: { pods: "5", "requests.cpu": "5", services: "1" }, scopes: ["NotBestEffort"] },
    });
    const evaluator = quotaEvaluator({ group: "", plural: "pods" });
    if (evaluator === undefined) throw new Error("no evaluator");
    const asked: readonly Record<string, string>[] = [{ cpu: "100m" }, { cpu: "1" }, {}];
    const all = asked.map((requests) => pod({ spec: { containers: [container(requests)] } }));
    expect({ ...usageOfAll(quota, evaluator, all, nowMs) }).toEqual({ pods: "2", "requests.cpu": "1100m" });
  });
});

describe("room is made", () => {
  const spec = { containers: [container({ cpu: "1" })] };
  it("by pods that end or run with less", () => {
    const running = (cpu: string) =>
      pod({
        spec,
        status: {
          phase: "Running",
          containerStatuses: [
            { name: "c", image: "", imageID: "", ready: true, restartCount: 0, resources: { requests: { cpu } } },
          ],
        },
      });
    expect(mayFree("pods", running("1"), running("1"))).toBe(false);
    expect(mayFree("pods", running("1"), running("500m"))).toBe(true);
    expect(mayFree("pods", running("1"), pod({ spec, status: { phase: "Failed" } }))).toBe(true);
    expect(mayFree("pods", pod({ spec }), pod({ spec: { ...spec, activeDeadlineSeconds: 5 } }))).toBe(true);
  });

  it("by services that change their type, and by claims whose growth has failed", () => {
    const [inner, outer] = [service({ type: "ClusterIP" }), service({ type: "NodePort" })];
    expect([mayFree("services", outer, inner), mayFree("services", inner, inner)]).toEqual([true, false]);
    const granted = (storage: string) => claim({ status: { allocatedResources: { storage } } });
    expect(mayFree("persistentvolumeclaims", granted("5Gi"), granted("1Gi"))).toBe(true);
    expect(mayFree("persistentvolumeclaims", granted("1Gi"), granted("1Gi"))).toBe(false);
  });
});
