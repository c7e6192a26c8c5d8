import { serviceAccountUser } from "../api/user.ts";
import type { Controller, ControllerDefinition, ControllerDependencies } from "../controllerkit/controller.ts";
import { createGarbageCollector } from "./garbage-collector/collector.ts";
import { createNamespaceController } from "./namespace/namespace-controller.ts";
import { createRootCaController } from "./namespace/root-ca-controller.ts";
import { createServiceAccountController } from "./namespace/service-account-controller.ts";
import { createNodeIpamController, type PodAddresses } from "./node-ipam/node-ipam-controller.ts";
import { createNodeLifecycleController } from "./node-lifecycle/node-lifecycle-controller.ts";
import { defaultEvictionPolicy, type EvictionPolicy } from "./node-lifecycle/plan-disruption.ts";
import { defaultPatience, type NodePatience } from "./node-lifecycle/plan-node-health.ts";
import { createObjectKinds } from "./object-kinds.ts";
import { createPodGarbageCollector } from "./pod-garbage/pod-garbage-collector.ts";
import { createResourceQuotaController } from "./resource-quota/resource-quota-controller.ts";
import { createTaintEvictionController } from "./taint-eviction/taint-eviction-controller.ts";

/** What controllers of the whole cluster have to be told. */
export interface ClusterControllerSettings {
  /** Certificates, in PEM, that pods trust when they speak to the API server. */
  readonly rootCa: string;
  /** How long after its deletion a namespace is emptied. Default 1 s; several API servers need 5 s. */
  readonly namespaceSettleMs?: number;
  /** Default: upstream's. */
  readonly nodePatience?: Partial<NodePatience>;
  /** Default: upstream's. */
  readonly eviction?: Partial<EvictionPolicy>;
  /** Ended pods that may stay; 0 for all. Default 12500. */
  readonly endedPodThreshold?: number;
  /** What nodes get parts of for their pods. Default: they get none from here. */
  readonly podAddresses?: PodAddresses;
}

/** Source: upstream. */
const defaultEndedPodThreshold = 12_500;

/** The controllers that belong to no single kind. */
export function clusterControllers(settings: ClusterControllerSettings): readonly ControllerDefinition[] {
  const { rootCa, namespaceSettleMs: settleMs = 1_000, podAddresses } = settings;
  const { endedPodThreshold = defaultEndedPodThreshold } = settings;
  const patience = { ...defaultPatience, ...settings.nodePatience };
  const eviction = { ...defaultEvictionPolicy, ...settings.eviction };
  return [
    define("garbage-collector-controller", "generic-garbage-collector", (dependencies) =>
      createGarbageCollector(createObjectKinds(dependencies.informers), dependencies),
    ),
    define("namespace-controller", "namespace-controller", (dependencies) =>
      createNamespaceController(createObjectKinds(dependencies.informers), { settleMs }, dependencies),
    ),
    define("resourcequota-controller", "resourcequota-controller", (dependencies) =>
      createResourceQuotaController(createObjectKinds(dependencies.informers), dependencies),
    ),
    define("serviceaccount-controller", "service-account-controller", createServiceAccountController),
    define("root-ca-certificate-publisher-controller", "root-ca-cert-publisher", (dependencies) =>
      createRootCaController(rootCa, dependencies),
    ),
    define(
      "node-lifecycle-controller",
      "node-controller",
      (dependencies) => createNodeLifecycleController({ patience, eviction }, dependencies),
      "node-controller",
    ),
    define("taint-eviction-controller", "node-controller", createTaintEvictionController),
    define("pod-garbage-collector-controller", "pod-garbage-collector", (dependencies) =>
      createPodGarbageCollector({ endedPodThreshold }, dependencies),
    ),
    ...(podAddresses === undefined
      ? []
      : [
          define(
            "node-ipam-controller",
            "node-controller",
            (dependencies) => createNodeIpamController(podAddresses, dependencies),
            "cidrAllocator",
          ),
        ]),
  ];
}

/** Every controller acts as a service account, to which upstream's default roles are bound. */
function define(
  name: string,
  serviceAccount: string,
  create: (dependencies: ControllerDependencies) => Controller,
  eventSource: string = name,
): ControllerDefinition {
  return { name, user: serviceAccountUser("kube-system", serviceAccount), eventSource, create };
}
