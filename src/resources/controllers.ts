import { serviceAccountUser } from "../api/user.ts";
import type { Controller, ControllerDefinition, ControllerDependencies } from "../controllerkit/controller.ts";
import { createClusterRoleAggregationController } from "./cluster-role/controller.ts";
import { createDaemonSetController } from "./daemon-set/controller.ts";
import { createDeploymentController } from "./deployment/controller.ts";
import { createEndpointSliceController } from "./endpoint-slice/controller.ts";
import { createEndpointSliceMirroringController } from "./endpoint-slice/mirroring-controller.ts";
import { createEndpointsController } from "./endpoints/controller.ts";
import { createJobController } from "./job/controller.ts";
import { createTtlController } from "./job/ttl-controller.ts";
import { createReplicaSetController } from "./replica-set/controller.ts";
import { createReplicationControllerController } from "./replication-controller/controller.ts";

/** The controllers that belong to one kind each. */
export const resourceControllers: readonly ControllerDefinition[] = [
  define(
    "clusterrole-aggregation-controller",
    "clusterrole-aggregation-controller",
    createClusterRoleAggregationController,
  ),
  define("deployment-controller", "deployment-controller", createDeploymentController),
  define("replicaset-controller", "replicaset-controller", createReplicaSetController),
  define(
    "replicationcontroller-controller",
    "replication-controller",
    createReplicationControllerController,
    "replication-controller",
  ),
  define("daemonset-controller", "daemon-set-controller", createDaemonSetController),
  define("job-controller", "job-controller", createJobController),
  define("ttl-after-finished-controller", "ttl-after-finished-controller", createTtlController),
  define(
    "endpointslice-controller",
    "endpointslice-controller",
    createEndpointSliceController,
    "endpoint-slice-controller",
  ),
  define(
    "endpointslice-mirroring-controller",
    "endpointslicemirroring-controller",
    createEndpointSliceMirroringController,
    "endpoint-slice-mirroring-controller",
  ),
  define("endpoints-controller", "endpoint-controller", createEndpointsController, "endpoint-controller"),
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
