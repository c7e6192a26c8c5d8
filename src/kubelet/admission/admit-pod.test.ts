import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { nodes } from "../../api/resources.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { admitPod } from "./admit-pod.ts";

const node = buildObject(nodes, {
  metadata: { name: "node-1", labels: { zone: "a" } },
  spec: {
    taints: [
      { key: "dead", effect: "NoExecute" },
      { key: "full", effect: "NoSchedule" },
    ],
  },
  status: { allocatable: { cpu: "2", memory: "1Gi", pods: "3" } },
});
const tolerations = [{ key: "dead", operator: "Exists" as const }];
const pod = (spec: Partial<Input<Pod["spec"]>>, metadata: Input<Pod["metadata"]> = {}) =>
  buildPod({ metadata, spec: { tolerations, containers: [{ name: "web", image: "web:1" }], ...spec } });
const asking = (requests: Record<string, string>) => [{ name: "web", image: "web:1", resources: { requests } }];
const port = (hostPort: number, hostIP = "", protocol: "TCP" | "UDP" = "TCP") => [
  { name: "web", image: "web:1", ports: [{ containerPort: 80, hostPort, hostIP, protocol }] },
];
const admit = (subject: Pod, active: readonly Pod[] = []) =>
  admitPod(subject, { node, active, operatingSystem: "linux", supportsStrictGroups: false });

const taken = pod({ containers: port(80, "192.0.2.1") });
const half = pod({ containers: asking({ cpu: "1", memory: "1Gi" }) });

describe("admitPod", () => {
  it.each<{ name: string; pod: Pod; active?: readonly Pod[]; reason: string | undefined; message?: string }>([
    { name: "fits", pod: pod({}), reason: undefined },
    { name: "fits beside another", pod: pod({ containers: asking({ cpu: "1" }) }), active: [half], reason: undefined },
    {
      name: "memory is taken",
      pod: pod({ containers: asking({ memory: "1" }) }),
      active: [half],
      reason: "OutOfmemory",
      message: "Node didn't have enough resource: memory, requested: 1, used: 1073741824, capacity: 1073741824",
    },
    { name: "asks for nothing of what is taken", pod: pod({}), active: [half, half], reason: undefined },
    { name: "too many pods", pod: pod({}), active: [half, half, half], reason: "OutOfpods" },
    {
      name: "an extended resource that the node does not know",
      pod: pod({ containers: asking({ "example.com/gpu": "1" }) }),
      reason: undefined,
    },
    { name: "another zone", pod: pod({ nodeSelector: { zone: "b" } }), reason: "NodeAffinity" },
    { name: "another node", pod: pod({ nodeName: "node-2" }), reason: "NodeName" },
    {
      name: "a port taken on the same address",
      pod: pod({ containers: port(80, "192.0.2.1") }),
      active: [taken],
      reason: "NodePorts",
    },
    {
      name: "a port taken, wanted on all addresses",
      pod: pod({ containers: port(80) }),
      active: [taken],
      reason: "NodePorts",
    },
    {
      name: "the same port of another address",
      pod: pod({ containers: port(80, "192.0.2.2") }),
      active: [taken],
      reason: undefined,
    },
    {
      name: "the same port of another protocol",
      pod: pod({ containers: port(80, "", "UDP") }),
      active: [taken],
      reason: undefined,
    },
    {
      name: "a taint that drives pods out",
      pod: pod({ tolerations: [] }),
      reason: "TaintToleration",
      message: "Predicate TaintToleration failed: node(s) had untolerated taint(s)",
    },
    {
      name: "a label for another system",
      pod: pod({}, { labels: { "kubernetes.io/os": "windows" } }),
      reason: "PodOSSelectorNodeLabelDoesNotMatch",
    },
    {
      name: "groups that the runtime cannot keep apart",
      pod: pod({ securityContext: { supplementalGroupsPolicy: "Strict" } }),
      reason: "SupplementalGroupsPolicyNotSupported",
      message: "SupplementalGroupsPolicy=Strict is not supported in this node",
    },
  ])("$name: $reason", ({ pod: subject, active, reason, message = "" }) => {
    const refusal = admit(subject, active);
    expect(refusal?.reason).toBe(reason);
    expect(refusal?.message ?? "").toContain(message);
  });

  it("takes nothing before the node is known", () => {
    const context = { node: undefined, active: [], operatingSystem: "linux", supportsStrictGroups: false };
    expect(admitPod(pod({}), context)?.reason).toBe("InvalidNodeInfo");
  });
});
