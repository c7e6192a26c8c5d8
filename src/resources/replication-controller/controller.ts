import { noLabel, selectLabels } from "../../api/label-selector.ts";
import { replicationControllers } from "../../api/resources.ts";
import type { Controller, ControllerDependencies } from "../../controllerkit/controller.ts";
import { createReplicaController } from "../replica-set/replica-controller.ts";

/** Creates the controller that keeps as many pods as a ReplicationController asks for. */
export function createReplicationControllerController(dependencies: ControllerDependencies): Controller {
  return createReplicaController(
    {
      name: "replication-controller",
      resource: replicationControllers,
      // An empty selector would take every pod of the namespace; the API does not let one pass.
      selectorOf: ({ spec }) => (spec.selector === undefined ? noLabel : selectLabels(spec.selector)),
      reportsTerminating: false,
    },
    dependencies,
  );
}
