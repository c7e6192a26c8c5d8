import { jobs } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import { objectKey } from "../../client/object-key.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
  ownKey,
} from "../../controllerkit/controller.ts";
import { done, type ReconcileResult } from "../../controllerkit/reconciler.ts";
import { expiresInMs } from "./plan-expiry.ts";

/** Creates the controller that deletes Jobs, with their pods, some time after they have ended. */
export function createTtlController(dependencies: ControllerDependencies): Controller {
  const { informers, clock, client } = dependencies;
  const jobInformer = informers.of(jobs);

  const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const job = jobInformer.cache.get(key);
    const inMs = job === undefined ? undefined : expiresInMs(job, clock.nowMs());
    if (job === undefined || inMs === undefined) return done;
    if (inMs > 0) return { requeueAfterMs: inMs };
    try {
      // The time may have been prolonged just now.
      const fresh = await client.get(jobs, objectKey(job), signal);
      const freshInMs = expiresInMs(fresh, clock.nowMs());
      if (freshInMs === undefined) return done;
      if (freshInMs > 0) return { requeueAfterMs: freshInMs };
      const preconditions = { uid: fresh.metadata.uid };
      await client.delete(jobs, objectKey(job), { propagationPolicy: "Foreground", preconditions }, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
    }
    return done;
  };

  return createController(
    {
      name: "ttl-after-finished-controller",
      sources: [
        changesOf(jobInformer, (change) =>
          change.after !== undefined && expiresInMs(change.after, clock.nowMs()) !== undefined ? ownKey(change) : [],
        ),
      ],
      reconcile,
    },
    dependencies,
  );
}
