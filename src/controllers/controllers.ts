import { serviceAccountUser } from "../api/user.ts";
import type { Controller, ControllerDefinition, ControllerDependencies } from "../controllerkit/controller.ts";
import { createGarbageCollector } from "./garbage-collector/collector.ts";
import { createNamespaceController } from "./namespace/namespace-controller.ts";
import { createRootCaController } from "./namespace/root-ca-controller.ts";
import { createServiceAccountController } from "./namespace/service-account-controller.ts";
import { createObjectKinds } from "./object-kinds.ts";
import { createResourceQuotaController } from "./resource-quota/resource-quota-controller.ts";

/** What controllers of the whole cluster have to be told. */
export interface ClusterControllerSettings {
  /** Certificates, in PEM, that pods trust when they speak to the API server. */
  readonly rootCa: string;
  /** How long after its deletion a namespace is emptied. Default 1 s; several API servers need 5 s. */
  readonly namespaceSettleMs?: number;
}

/** The controllers that belong to no single kind. */
export function clusterControllers(settings: ClusterControllerSettings): readonly ControllerDefinition[] {
  const { rootCa, namespaceSettleMs: settleMs = 1_000 } = settings;
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
