import { serviceAccountUser } from "../api/user.ts";
import type { Controller, ControllerDefinition, ControllerDependencies } from "../controllerkit/controller.ts";
import { createGarbageCollector } from "./garbage-collector/collector.ts";
import { createObjectKinds } from "./object-kinds.ts";

/** The controllers that belong to no single kind. */
export const clusterControllers: readonly ControllerDefinition[] = [
  define("garbage-collector-controller", "generic-garbage-collector", (dependencies) =>
    createGarbageCollector(createObjectKinds(dependencies.informers), dependencies),
  ),
];

/** Every controller acts as a service account, to which upstream's default roles are bound. */
function define(
  name: string,
  serviceAccount: string,
  create: (dependencies: ControllerDependencies) => Controller,
  eventSource: string = name,
): ControllerDefinition {
  return { name, user: serviceAccountUser("kube-system", serviceAccount), eventSource, create };
}
