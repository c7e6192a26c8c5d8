import { replicaSets } from "../../api/resources.ts";
import type { Controller, ControllerDependencies } from "../../controllerkit/controller.ts";
import { createSelectorCache } from "../../controllerkit/dependents.ts";
import { createReplicaController } from "./replica-controller.ts";

/** Creates the controller that keeps as many pods as a ReplicaSet asks for. */
export function createReplicaSetController(dependencies: ControllerDependencies): Controller {
  const selectors = createSelectorCache();
  return createReplicaController(
    {
      name: "replicaset-controller",
      resource: replicaSets,
      selectorOf: (replicaSet) => selectors.of(replicaSet.spec.selector),
      reportsTerminating: true,
    },
    dependencies,
  );
}
