import type { ApiObject } from "../../api/metadata.ts";
import { groupResourceName, type Resource } from "../../api/resource.ts";
import { resourceQuotas } from "../../api/resources.ts";
import type { ResourceQuota } from "../../api/types/core-v1.ts";
import { type CacheChange, type Informer, keyOf } from "../../client/informer.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
} from "../../controllerkit/controller.ts";
import { done } from "../../controllerkit/reconciler.ts";
import { createWorkQueue, type WorkQueue } from "../../controllerkit/work-queue.ts";
import { type QuotaEvaluator, quotaEvaluator } from "../../resources/quota.ts";
import { sameResources } from "../../resources/resource-list.ts";
import type { ObjectKinds } from "../object-kinds.ts";
import { planQuotaStatus } from "./plan-quota-status.ts";

/** Every quota is counted anew this often, whatever has happened. Source: kube-controller-manager v1.36. */
const recountMs = 5 * 60_000;

/** A kind that some quota limits. */
interface Counted {
  readonly evaluator: QuotaEvaluator;
  readonly informer: Informer<ApiObject>;
}

/**
 * Creates the controller that tells how much of each quota is used. The API server charges quotas for what comes; this
 * gives back what goes. Of kinds that no quota limits it holds no objects.
 */
export function createResourceQuotaController(kinds: ObjectKinds, dependencies: ControllerDependencies): Controller {
  const { client, clock, informers } = dependencies;
  const quotas = informers.of(resourceQuotas);
  const queue = createWorkQueue(clock);
  const followed = new Map<string, Counted>();

  const follow = (resource: Resource, evaluator: QuotaEvaluator): Counted => {
    const name = groupResourceName(resource);
    let counted = followed.get(name);
    if (counted === undefined) {
      const informer = informers.of(resource);
      informer.onChange((change) =>
        recount(queue, quotas.cache.list(namespaceOf(change)), evaluator, change, clock.nowMs()),
      );
      counted = { evaluator, informer };
      followed.set(name, counted);
    }
    return counted;
  };
  const limitedBy = (quota: ResourceQuota): readonly Counted[] => {
    const names = Object.keys(quota.spec.hard ?? {});
    return kinds.list().flatMap(({ resource, verbs }) => {
      if (!resource.namespaced || !["create", "list", "watch", "delete"].every((verb) => verbs.includes(verb)))
        return [];
      const evaluator = quotaEvaluator(resource);
      return evaluator === undefined || evaluator.names(names).length === 0 ? [] : follow(resource, evaluator);
    });
  };
  return createController(
    {
      name: "resourcequota-controller",
      queue,
      sources: [changesOf(quotas, changedLimits)],
      async reconcile(key, signal) {
        const found = quotas.cache.get(key);
        if (found === undefined) return done;
        const limited = limitedBy(found);
        await Promise.all(limited.map(({ informer }) => informer.synced(signal)));
        // Waiting for a kind takes time the first time.
        const quota = quotas.cache.get(key);
        if (quota === undefined) return done;
        const { namespace } = quota.metadata;
        const counted = limited.map(({ evaluator, informer }) => ({
          evaluator,
          objects: informer.cache.list(namespace),
        }));
        const status = planQuotaStatus(quota, counted, clock.nowMs());
        if (status !== undefined)
          await client.update(resourceQuotas, { ...quota, status }, { subresource: "status" }, signal);
        return { requeueAfterMs: recountMs };
      },
    },
    dependencies,
  );
}

/** Changes of a quota's status come from this controller and from admission: only what is limited matters. */
function changedLimits({ before, after }: CacheChange<ResourceQuota>): readonly string[] {
  if (after === undefined) return [];
  return before !== undefined && sameResources(before.spec.hard, after.spec.hard) ? [] : [keyOf(after)];
}

/** Looks at the quotas anew that may have more room after a change. */
function recount(
  queue: WorkQueue,
  quotas: readonly ResourceQuota[],
  evaluator: QuotaEvaluator,
  { before, after }: CacheChange<ApiObject>,
  nowMs: number,
): void {
  if (before === undefined || (after !== undefined && !evaluator.mayFree(before, after, nowMs))) return;
  for (const quota of quotas)
    if (evaluator.names(Object.keys(quota.status.hard ?? {})).length > 0) queue.add(keyOf(quota));
}

function namespaceOf({ before, after }: CacheChange<ApiObject>): string {
  return (after ?? before)?.metadata.namespace ?? "";
}
