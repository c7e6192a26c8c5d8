import { jobs, pods } from "../../api/resources.ts";
import type { Job } from "../../api/types/batch-v1.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import type { BackoffPolicy } from "../../base/backoff.ts";
import { type CacheChange, keyOf } from "../../client/informer.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
} from "../../controllerkit/controller.ts";
import { createSelectorCache } from "../../controllerkit/dependents.ts";
import { controllerOf } from "../../controllerkit/ownership.ts";
import { done } from "../../controllerkit/reconciler.ts";
import { isFinished } from "./job-conditions.ts";
import { isManagedElsewhere, isTracked } from "./job-pods.ts";
import { releasePod } from "./release-pod.ts";

/** Creates the loop that frees pods which wait to be counted by a Job that is gone or has ended. */
export function createOrphanController(dependencies: ControllerDependencies, retryPolicy: BackoffPolicy): Controller {
  const { informers, client } = dependencies;
  const jobInformer = informers.of(jobs);
  const podInformer = informers.of(pods);
  const selectors = createSelectorCache();

  const jobOf = (pod: Pod): Job | undefined => {
    const reference = controllerOf(pod);
    const job = jobInformer.cache.get(`${pod.metadata.namespace}/${reference?.name}`);
    return job?.metadata.uid === reference?.uid ? job : undefined;
  };
  const isOrphan = (pod: Pod): boolean => {
    const reference = controllerOf(pod);
    if (reference === undefined) return true;
    if (reference.kind !== "Job" || reference.apiVersion !== "batch/v1") return false;
    const job = jobOf(pod);
    return job === undefined || (!isManagedElsewhere(job) && isFinished(job));
  };
  /** Pods that have lost their Job, and those of a lost one that are being deleted. */
  const ofPod = ({ after }: CacheChange<Pod>): readonly string[] => {
    if (after === undefined || !isTracked(after) || !isOrphan(after)) return [];
    const isDue = controllerOf(after) === undefined || after.metadata.deletionTimestamp !== undefined;
    return isDue ? [keyOf(after)] : [];
  };
  /** Pods of a Job that has gone or ended. */
  const ofJob = ({ before, after }: CacheChange<Job>): readonly string[] => {
    if (after !== undefined && !isFinished(after)) return [];
    const job = (after ?? before) as Job;
    const selector = selectors.of(job.spec.selector);
    return podInformer.cache
      .list(job.metadata.namespace)
      .filter((pod) => isTracked(pod) && selector.matches(pod.metadata.labels))
      .map(keyOf);
  };
  return createController(
    {
      name: "job-orphan-controller",
      sources: [changesOf(podInformer, ofPod), changesOf(jobInformer, ofJob)],
      retryPolicy,
      async reconcile(key, signal) {
        const pod = podInformer.cache.get(key);
        if (pod !== undefined && isOrphan(pod)) await releasePod(pod, client, signal);
        return done;
      },
    },
    dependencies,
  );
}
