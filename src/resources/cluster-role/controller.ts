import { clusterRoles } from "../../api/resources.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
} from "../../controllerkit/controller.ts";
import { done } from "../../controllerkit/reconciler.ts";
import { planClusterRoleAggregation } from "./plan-aggregation.ts";

const name = "clusterrole-aggregation-controller";

/** Creates the controller that keeps the rules of aggregated cluster roles in step with the roles that they select. */
export function createClusterRoleAggregationController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies;
  const informer = informers.of(clusterRoles);
  const aggregatedNames = (): string[] =>
    informer.cache
      .list()
      .filter((role) => role.aggregationRule !== undefined)
      .map((role) => role.metadata.name);
  return createController(
    {
      name,
      // Any role may be gathered by any other, and there are few: all of them are looked at after every change.
      sources: [changesOf(informer, aggregatedNames)],
      async reconcile(key, signal) {
        const role = informer.cache.get(key);
        const plan = role === undefined ? undefined : planClusterRoleAggregation(role, informer.cache.list());
        if (plan !== undefined)
          await client.patch(
            clusterRoles,
            { name: key },
            "merge",
            { rules: plan.rules },
            { fieldManager: name },
            signal,
          );
        return done;
      },
    },
    dependencies,
  );
}
