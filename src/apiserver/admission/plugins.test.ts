import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import {
  ingressClasses,
  ingresses,
  limitRanges,
  localSubjectAccessReviews,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  priorityClasses,
  runtimeClasses,
  storageClasses,
} from "../../api/resources.ts";
import { createSchemaRegistry } from "../../api/schema.ts";
import type { Container, LimitRangeItem, PersistentVolumeClaim, Pod } from "../../api/types/core-v1.ts";
import { admitWith } from "../../testing/admit.ts";
import { createFixedObjects } from "../../testing/fixed-objects.ts";
import { createDefaultIngressClass, createDefaultStorageClass } from "./default-classes.ts";
import { createDefaultTolerationSeconds } from "./default-toleration-seconds.ts";
import { createFieldOrder } from "./field-order.ts";
import { createLimitRanger } from "./limit-ranger.ts";
import { createNamespaceLifecycle } from "./namespace-lifecycle.ts";
import { createPodResizeValidator } from "./pod-resize.ts";
import { createPodTopologyLabels } from "./pod-topology-labels.ts";
import { createPriority } from "./priority.ts";
import { createRuntimeClassAdmission } from "./runtime-class.ts";
import { createPersistentVolumeClaimResize, createStorageObjectInUseProtection } from "./storage-protection.ts";
import { createTaintNodesByCondition } from "./taint-nodes.ts";

const order = createFieldOrder(createSchemaRegistry());
const container = { name: "c", image: "i" };
const pod = (spec: Input<Pod["spec"]> = {}): { resource: typeof pods; object: Input<Pod> } => ({
  resource: pods,
  object: { spec: { containers: [container], ...spec } },
});

describe("NamespaceLifecycle", () => {
  const objects = createFixedObjects();
  objects.put(namespaces, { metadata: { name: "ns" }, status: { phase: "Active" } });
  objects.put(namespaces, { metadata: { name: "going" }, status: { phase: "Terminating" } });
  const plugin = createNamespaceLifecycle(objects);
  const inNamespace = (namespace: string) => ({ ...pod(), object: { ...pod().object, metadata: { namespace } } });

  it.each([
    { name: "no such namespace", write: inNamespace("gone"), answer: 'namespaces "gone" not found' },
    {
      name: "a namespace that is going",
      write: inNamespace("going"),
      answer: 'pods "x" is forbidden: unable to create new content in namespace going because it is being terminated',
    },
  ])("refuses to create in $name", async ({ write, answer }) => {
    expect(await admitWith(plugin, write)).toBe(answer);
  });

  it("lets things in a namespace that is going change and go", async () => {
    const { object } = inNamespace("going");
    const answers = [
      await admitWith(plugin, { resource: pods, object, old: object }),
      await admitWith(plugin, { resource: pods, old: object }),
    ];
    expect(answers.map((answer) => typeof answer)).toEqual(["object", "undefined"]);
  });

  it("does not tell askers about rights whether a namespace exists", async () => {
    const review = { resource: localSubjectAccessReviews, object: { metadata: { namespace: "gone" } } };
    expect(typeof (await admitWith(plugin, review as never))).toBe("object");
  });

  it.each(["default", "kube-system", "kube-public"])("keeps %s", async (name) => {
    expect(await admitWith(plugin, { resource: namespaces, old: { metadata: { name } } })).toBe(
      `namespaces "${name}" is forbidden: this namespace may not be deleted`,
    );
  });
});

describe("LimitRanger", () => {
  const withLimits = (limits: Input<LimitRangeItem>[]) => {
    const objects = createFixedObjects();
    objects.put(limitRanges, { metadata: { namespace: "ns", name: "l" }, spec: { limits } });
    return createLimitRanger(objects, order);
  };
  const asking = (resources: Input<Container["resources"]>, more: Input<Pod["spec"]> = {}) =>
    pod({ containers: [{ ...container, resources }], ...more });

  it("fills in defaults and says so on the pod", async () => {
    const plugin = withLimits([
      { type: "Container", default: { cpu: "1", memory: "1Gi" }, defaultRequest: { cpu: "100m" } },
    ]);
    const admitted = (await admitWith(
      plugin,
      asking({ limits: { memory: "2Gi" } }, { initContainers: [{ name: "i", image: "i" }] }),
    )) as Pod;
    expect({
      annotations: { ...admitted.metadata.annotations },
      own: JSON.stringify(admitted.spec.containers[0]?.resources),
      init: JSON.stringify(admitted.spec.initContainers?.[0]?.resources),
    }).toEqual({
      annotations: {
        "kubernetes.io/limit-ranger":
          "LimitRanger plugin set: cpu request for container c; cpu limit for container c; cpu request for init container i; cpu, memory limit for init container i",
      },
      own: '{"limits":{"cpu":"1","memory":"2Gi"},"requests":{"cpu":"100m","memory":"2Gi"}}',
      init: '{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"100m"}}',
    });
  });

  const bounds: Input<LimitRangeItem> = { type: "Container", min: { cpu: "100m" }, max: { cpu: "1" } };
  it.each([
    {
      name: "no request",
      resources: {},
      why: "[minimum cpu usage per Container is 100m.  No request is specified, maximum cpu usage per Container is 1.  No limit is specified]",
    },
    {
      name: "too little",
      resources: { requests: { cpu: "50m" }, limits: { cpu: "1" } },
      why: "minimum cpu usage per Container is 100m, but request is 50m",
    },
    {
      name: "too much",
      resources: { requests: { cpu: "1" }, limits: { cpu: "2" } },
      why: "maximum cpu usage per Container is 1, but limit is 2",
    },
  ])("refuses a container: $name", async ({ resources, why }) => {
    expect(await admitWith(withLimits([bounds]), asking(resources))).toBe(`pods "x" is forbidden: ${why}`);
  });

  it.each([
    {
      name: "the ratio of limit to request",
      item: { type: "Container", maxLimitRequestRatio: { cpu: "2" } },
      write: asking({ requests: { cpu: "100m" }, limits: { cpu: "500m" } }),
      why: "cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000",
    },
    {
      name: "the sum over a pod",
      item: { type: "Pod", max: { memory: "1Gi" } },
      write: pod({
        containers: ["a", "b"].map((name) => ({ name, image: "i", resources: { limits: { memory: "600Mi" } } })),
      }),
      why: "maximum memory usage per Pod is 1Gi, but limit is 1200Mi",
    },
  ])("keeps $name", async ({ item, write, why }) => {
    expect(await admitWith(withLimits([item]), write)).toBe(`pods "x" is forbidden: ${why}`);
  });

  it("keeps the size of claims", async () => {
    const plugin = withLimits([{ type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "2Gi" } }]);
    const claim = (storage: string) => ({
      resource: persistentVolumeClaims,
      object: { spec: { resources: { requests: { storage } } } },
    });
    expect([
      await admitWith(plugin, claim("512Mi")),
      await admitWith(plugin, claim("3Gi")),
      typeof (await admitWith(plugin, claim("2Gi"))),
    ]).toEqual([
      'persistentvolumeclaims "x" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi',
      'persistentvolumeclaims "x" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
      "object",
    ]);
  });

  it("leaves updates of pods alone, whose resources cannot change that way", async () => {
    const { object } = pod();
    expect(typeof (await admitWith(withLimits([bounds]), { resource: pods, object, old: object }))).toBe("object");
  });
});

describe("Priority", () => {
  const objects = createFixedObjects();
  objects.put(priorityClasses, { metadata: { name: "high" }, value: 1000, preemptionPolicy: "Never" });
  const plugin = createPriority(objects, order);
  const priorityOf = (answer: Pod | string): unknown =>
    typeof answer === "string"
      ? answer
      : [answer.spec.priorityClassName, answer.spec.priority, answer.spec.preemptionPolicy];

  it.each([
    { name: "no class", spec: {}, answer: [undefined, 0, "PreemptLowerPriority"] },
    { name: "a class", spec: { priorityClassName: "high" }, answer: ["high", 1000, "Never"] },
    {
      name: "a class that is not there",
      spec: { priorityClassName: "x" },
      answer: 'pods "x" is forbidden: no PriorityClass with name x was found',
    },
    {
      name: "a priority of one's own",
      spec: { priority: 7 },
      answer:
        'pods "x" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    },
    {
      name: "a policy of one's own",
      spec: { priorityClassName: "high", preemptionPolicy: "PreemptLowerPriority" },
      answer:
        'pods "x" is forbidden: the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
    },
  ] as const)("looks at $name", async ({ spec, answer }) => {
    expect(priorityOf(await admitWith(plugin, pod(spec)))).toEqual(answer);
  });

  it("takes the least of several defaults, and allows no second one", async () => {
    const more = createFixedObjects();
    const put = (name: string, value: number): unknown =>
      more.put(priorityClasses, { metadata: { name }, value, globalDefault: true });
    put("b", 20);
    put("a", 10);
    const other = createPriority(more, order);
    const second = { resource: priorityClasses, object: { metadata: { name: "c" }, value: 1, globalDefault: true } };
    const same = { metadata: { name: "a" }, value: 10, globalDefault: true };
    expect([
      priorityOf(await admitWith(other, pod())),
      await admitWith(other, second),
      typeof (await admitWith(other, { resource: priorityClasses, object: same, old: same })),
    ]).toEqual([
      ["a", 10, undefined],
      'priorityclasses.scheduling.k8s.io "c" is forbidden: PriorityClass a is already marked as default. Only one default can exist',
      "object",
    ]);
  });

  it("keeps the priority in updates that leave it out", async () => {
    const { object } = pod();
    const old = { spec: { ...object.spec, priority: 5, preemptionPolicy: "Never" as const } };
    expect(priorityOf(await admitWith(plugin, { resource: pods, object, old }))).toEqual([undefined, 5, "Never"]);
  });
});

describe("plugins that fill something in", () => {
  it("DefaultTolerationSeconds adds what the pod does not speak of", async () => {
    const plugin = createDefaultTolerationSeconds(order);
    const keysOf = async (tolerations: Input<Pod["spec"]["tolerations"]>): Promise<unknown> =>
      ((await admitWith(plugin, pod({ tolerations }))) as Pod).spec.tolerations?.map(
        ({ key, tolerationSeconds }) => `${key}:${tolerationSeconds}`,
      );
    const [notReady, unreachable] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
    expect([
      await keysOf([]),
      await keysOf([{ key: notReady, operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 }]),
      await keysOf([{ key: notReady, operator: "Exists", effect: "NoSchedule" }]),
      await keysOf([{ operator: "Exists" }]),
    ]).toEqual([
      [`${notReady}:300`, `${unreachable}:300`],
      [`${notReady}:5`, `${unreachable}:300`],
      [`${notReady}:undefined`, `${notReady}:300`, `${unreachable}:300`],
      ["undefined:undefined"],
    ]);
  });

  it("TaintNodesByCondition taints new nodes once", async () => {
    const plugin = createTaintNodesByCondition(order);
    const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" } as const;
    const taintsOf = async (taints: Input<(typeof taint)[]>): Promise<unknown> => {
      const answer = await admitWith(plugin, { resource: nodes, object: { spec: { taints } } });
      return typeof answer === "string" ? answer : answer.spec.taints;
    };
    expect([await taintsOf([]), await taintsOf([taint])]).toEqual([[taint], [taint]]);
  });

  it("DefaultStorageClass takes the newest default, for claims that name no class", async () => {
    const objects = createFixedObjects();
    const put = (name: string, creationTimestamp: string): unknown =>
      objects.put(storageClasses, {
        metadata: { name, creationTimestamp, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
        provisioner: "p",
      });
    put("old", "2026-01-01T00:00:00Z");
    put("b", "2026-01-02T00:00:00Z");
    put("a", "2026-01-02T00:00:00Z");
    const plugin = createDefaultStorageClass(objects, order);
    const classOf = async (spec: object, annotations = {}): Promise<unknown> => {
      const object = { metadata: { annotations }, spec };
      const answer = await admitWith(plugin, { resource: persistentVolumeClaims, object });
      return typeof answer === "string" ? answer : answer.spec.storageClassName;
    };
    expect([
      await classOf({}),
      await classOf({ storageClassName: "" }),
      await classOf({}, { "volume.beta.kubernetes.io/storage-class": "x" }),
    ]).toEqual(["a", "", undefined]);
  });

  it("DefaultIngressClass does the same for ingresses", async () => {
    const objects = createFixedObjects();
    const annotations = { "ingressclass.kubernetes.io/is-default-class": "true" };
    objects.put(ingressClasses, { metadata: { name: "nginx", annotations } });
    const plugin = createDefaultIngressClass(objects, order);
    const classOf = async (object: object): Promise<unknown> => {
      const answer = await admitWith(plugin, { resource: ingresses, object });
      return typeof answer === "string" ? answer : answer.spec.ingressClassName;
    };
    expect([
      await classOf({}),
      await classOf({ spec: { ingressClassName: "own" } }),
      await classOf({ metadata: { annotations: { "kubernetes.io/ingress.class": "old" } } }),
    ]).toEqual(["nginx", "own", undefined]);
  });

  it("StorageObjectInUseProtection marks claims and volumes once", async () => {
    const plugin = createStorageObjectInUseProtection(order);
    const claim = { resource: persistentVolumeClaims, object: { metadata: { finalizers: ["a"] } } };
    const volume = {
      resource: persistentVolumes,
      object: { metadata: { finalizers: ["kubernetes.io/pv-protection"] } },
    };
    const answers = [await admitWith(plugin, claim), await admitWith(plugin, volume)];
    expect(answers.map((answer) => (typeof answer === "string" ? answer : answer.metadata.finalizers))).toEqual([
      ["a", "kubernetes.io/pvc-protection"],
      ["kubernetes.io/pv-protection"],
    ]);
  });

  it("PodTopologyLabels copies zone and region of the node to the binding", async () => {
    const objects = createFixedObjects();
    const labels = { "topology.kubernetes.io/zone": "z", "topology.kubernetes.io/region": "r", other: "o" };
    objects.put(nodes, { metadata: { name: "n", labels } });
    const answer = await admitWith(createPodTopologyLabels(objects, order), {
      resource: pods,
      subresource: "binding",
      type: "core.v1.Binding",
      object: {
        metadata: { labels: { "topology.kubernetes.io/zone": "mine" } },
        target: { kind: "Node", name: "n" },
      } as never,
    });
    expect(typeof answer === "string" ? answer : { ...answer.metadata.labels }).toEqual({
      "topology.kubernetes.io/region": "r",
      "topology.kubernetes.io/zone": "z",
    });
  });
});

describe("RuntimeClass", () => {
  const objects = createFixedObjects();
  objects.put(runtimeClasses, {
    metadata: { name: "kata" },
    handler: "kata",
    overhead: { podFixed: { cpu: "100m" } },
    scheduling: { nodeSelector: { vm: "yes" }, tolerations: [{ key: "vm", operator: "Exists" }] },
  });
  const plugin = createRuntimeClassAdmission(objects, order);
  it("adds overhead, selector and tolerations", async () => {
    const tolerations = [{ key: "vm", operator: "Exists", effect: "NoSchedule" }] as const;
    const admitted = (await admitWith(
      plugin,
      pod({ runtimeClassName: "kata", nodeSelector: { disk: "ssd" }, tolerations }),
    )) as Pod;
    expect({
      overhead: { ...admitted.spec.overhead },
      nodeSelector: { ...admitted.spec.nodeSelector },
      tolerations: admitted.spec.tolerations,
    }).toEqual({
      overhead: { cpu: "100m" },
      nodeSelector: { disk: "ssd", vm: "yes" },
      tolerations: [{ key: "vm", operator: "Exists" }],
    });
  });

  it.each([
    { name: "no such class", spec: { runtimeClassName: "x" }, why: 'pod rejected: RuntimeClass "x" not found' },
    {
      name: "another overhead",
      spec: { runtimeClassName: "kata", overhead: { cpu: "1" } },
      why: "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    },
    {
      name: "an overhead without a class",
      spec: { overhead: { cpu: "1" } },
      why: "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
    },
    {
      name: "a selector that contradicts",
      spec: { runtimeClassName: "kata", nodeSelector: { vm: "no" } },
      why: "conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no",
    },
  ])("refuses $name", async ({ spec, why }) => {
    expect(await admitWith(plugin, pod(spec))).toBe(`pods "x" is forbidden: ${why}`);
  });
});

describe("PersistentVolumeClaimResize", () => {
  const objects = createFixedObjects();
  objects.put(storageClasses, { metadata: { name: "grows" }, provisioner: "p", allowVolumeExpansion: true });
  objects.put(storageClasses, { metadata: { name: "fixed" }, provisioner: "p" });
  const plugin = createPersistentVolumeClaimResize(objects);
  const claim = (storageClassName: string, storage: string, phase: string): Input<PersistentVolumeClaim> => ({
    spec: { storageClassName, resources: { requests: { storage } } },
    status: { phase: phase as never },
  });
  it.each([
    {
      name: "a class that grows",
      from: claim("grows", "1Gi", "Bound"),
      to: claim("grows", "2Gi", "Bound"),
      why: undefined,
    },
    {
      name: "a smaller size",
      from: claim("fixed", "2Gi", "Bound"),
      to: claim("fixed", "1Gi", "Bound"),
      why: undefined,
    },
    {
      name: "a class that does not grow",
      from: claim("fixed", "1Gi", "Bound"),
      to: claim("fixed", "2Gi", "Bound"),
      why: "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
    },
    {
      name: "a claim without volume",
      from: claim("grows", "1Gi", "Pending"),
      to: claim("grows", "2Gi", "Pending"),
      why: "Only bound persistent volume claims can be expanded",
    },
  ])("looks at $name", async ({ from, to, why }) => {
    const answer = await admitWith(plugin, { resource: persistentVolumeClaims, object: to, old: from });
    expect(typeof answer === "string" ? answer : undefined).toBe(
      why === undefined ? undefined : `persistentvolumeclaims "x" is forbidden: ${why}`,
    );
  });
});

describe("PodResizeValidator", () => {
  it("refuses more than the node has at all", async () => {
    const objects = createFixedObjects();
    objects.put(nodes, { metadata: { name: "n" }, status: { allocatable: { cpu: "2", memory: "1Gi" } } });
    const sized = (cpu: string): Input<Pod> => ({
      spec: { nodeName: "n", containers: [{ ...container, resources: { requests: { cpu } } }] },
    });
    const resize = { resource: pods, subresource: "resize", old: sized("1"), object: sized("3") };
    expect(await admitWith(createPodResizeValidator(objects), resize)).toBe(
      'pods "x" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 3000, allocatable: 2000',
    );
  });
});
