import { jobs, pods } from "../../api/resources.ts";
import type { Job } from "../../api/types/batch-v1.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import type { Client } from "../../client/client.ts";
import type { CacheChange } from "../../client/informer.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
  ownKey,
} from "../../controllerkit/controller.ts";
import { createSelectorCache, ownerKeys } from "../../controllerkit/dependents.ts";
import { createOwnWrites } from "../../controllerkit/own-writes.ts";
import { claimObjects, indexOrphans, orphansIn } from "../../controllerkit/ownership.ts";
import { createPod, deletePod, isNamespaceTerminating } from "../../controllerkit/pod-control.ts";
import { done, type ReconcileResult } from "../../controllerkit/reconciler.ts";
import { slowStart } from "../../controllerkit/slow-start.ts";
import { isPodReady } from "../pod-status.ts";
import { isFinished } from "./job-conditions.ts";
import { isManagedElsewhere, isTracked, trackingFinalizer } from "./job-pods.ts";
import { createOrphanController } from "./orphan-controller.ts";
import { type JobBackoff, noFailures } from "./plan-backoff.ts";
import { assessJob, deadlineInMs, type JobAssessment } from "./plan-job.ts";
import { type JobAction, planJobAction, renderJobPod } from "./plan-job-pods.ts";
import { type ActionOutcome, accountFor, closeAccount } from "./plan-job-status.ts";
import { releasePod } from "./release-pod.ts";

/** Changes of pods and of status are gathered for this long. Source: upstream. */
const batchMs = 1_000;

/** How long failed passes wait. Source: upstream. */
const retryPolicy = { initialMs: 1_000, maxMs: 60_000 };

/** Creates the controller that runs Jobs to completion. */
export function createJobController(dependencies: ControllerDependencies): Controller {
  const { informers, clock, events } = dependencies;
  const jobInformer = informers.of(jobs);
  const podInformer = informers.of(pods);
  indexOrphans(informers, pods);
  const selectors = createSelectorCache();
  const backoffs = new Map<string, JobBackoff>();
  const writes = createOwnWrites(dependencies.client, [
    { resource: jobs, informer: jobInformer },
    { resource: pods, informer: podInformer },
  ]);

  const claimPods = (job: Job, client: Client, signal: AbortSignal): Promise<readonly Pod[]> => {
    const { uid, namespace } = job.metadata;
    const objects = [...podInformer.cache.ownedBy(uid), ...orphansIn(informers, pods, namespace)];
    const selector = selectors.of(job.spec.selector);
    const claim = { owner: job, ownerResource: jobs, resource: pods, selector, objects, finalizer: trackingFinalizer };
    return claimObjects(claim, client, signal);
  };

  const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const job = jobInformer.cache.get(key);
    if (job === undefined || isFinished(job)) {
      backoffs.delete(key);
      return done;
    }
    if (isManagedElsewhere(job)) return done;
    if (!["NonIndexed", "Indexed"].includes(job.spec.completionMode ?? "NonIndexed")) {
      const message = "Skipped Job sync because completion mode is unknown";
      events.record(job, "Warning", "UnknownCompletionMode", message);
      return done;
    }
    const client = writes.clientFor(key);
    const owned = await claimPods(job, client, signal);
    const assessment = assessJob({ job, pods: owned, backoff: backoffs.get(key) ?? noFailures, nowMs: clock.nowMs() });
    const action = planJobAction(assessment);
    const applied = await applyAction(assessment, action, client, signal);
    await settleAccount(key, assessment, action, applied.outcome, client, signal);
    if (applied.error !== undefined) throw applied.error;
    return requeue(assessment, action);
  };

  const applyAction = async (
    assessment: JobAssessment,
    action: JobAction,
    client: Client,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: ActionOutcome; readonly error?: unknown }> => {
    const { job } = assessment;
    const control = { client, events };
    if (action.kind === "create") {
      let created = 0;
      const { error } = await slowStart(action.indexes.length, async (position) => {
        try {
          await createPod(control, job, renderJobPod(assessment, action.indexes[position]), signal);
          created += 1;
        } catch (failure) {
          if (!isNamespaceTerminating(failure)) throw failure;
          created += 1;
        }
      });
      return { outcome: { created, removed: 0, removedReady: 0 }, error };
    }
    const targets = action.kind === "end" || action.kind === "remove" ? action.pods : [];
    const results = await Promise.allSettled(
      targets.map(async (pod) => {
        // What is not wanted any more must not be counted as failed.
        if (action.kind === "remove") await releasePod(pod, client, signal);
        await deletePod(control, job, pod.metadata.name, signal);
      }),
    );
    const removed = targets.filter((_pod, position) => results[position]?.status === "fulfilled");
    const failure = results.find((result) => result.status === "rejected");
    const outcome = { created: 0, removed: removed.length, removedReady: removed.filter(isPodReady).length };
    return failure === undefined ? { outcome } : { outcome, error: failure.reason };
  };

  /** Lists ended pods in the status, takes their finalizers off, and counts them: nothing is lost or counted twice. */
  const settleAccount = async (
    key: string,
    assessment: JobAssessment,
    action: JobAction,
    outcome: ActionOutcome,
    client: Client,
    signal: AbortSignal,
  ): Promise<void> => {
    const { job } = assessment;
    const account = accountFor(assessment, action, outcome);
    for (const { type, reason, message } of account.events) events.record(job, type, reason, message);
    let written = job;
    if (account.mustWrite) {
      written = await writeStatus(job, account.status, client, signal);
      backoffs.set(key, assessment.newBackoff);
    }
    const released = await Promise.allSettled(account.release.map((pod) => releasePod(pod, client, signal)));
    const free = new Set(
      account.release
        .filter((_pod, position) => released[position]?.status === "fulfilled")
        .map((pod) => pod.metadata.uid),
    );
    const held = new Set(
      assessment.pods.filter((pod) => isTracked(pod) && !free.has(pod.metadata.uid)).map((pod) => pod.metadata.uid),
    );
    const failure = released.find((result) => result.status === "rejected");
    const closing = closeAccount(job, account, held, failure !== undefined, clock.nowMs());
    if (closing.mustWrite) await writeStatus(written, closing.status, client, signal);
    for (const { type, reason, message } of closing.events) events.record(job, type, reason, message);
    if (failure !== undefined) throw failure.reason;
  };

  const jobController = createController(
    {
      name: "job-controller",
      sources: [
        changesOf(jobInformer, ownKey, delayOfJob),
        changesOf(
          podInformer,
          ownerKeys({
            resource: jobs,
            informer: jobInformer,
            selects: ({ spec }, labels) => selectors.of(spec.selector).matches(labels),
          }),
          () => batchMs,
        ),
      ],
      writes,
      retryPolicy,
      reconcile,
    },
    dependencies,
  );
  const orphanController = createOrphanController(dependencies, retryPolicy);
  return {
    async run(signal) {
      await Promise.all([jobController.run(signal), orphanController.run(signal)]);
    },
  };
}

/** New and changed specs are acted on at once. */
function delayOfJob({ before, after }: CacheChange<Job>): number {
  return before !== undefined && before.metadata.generation === after?.metadata.generation ? batchMs : 0;
}

function requeue(assessment: JobAssessment, action: JobAction): ReconcileResult {
  const waits: number[] = [];
  if (action.kind === "wait") waits.push(Math.max(batchMs, action.forMs));
  const deadlineMs = assessment.verdict === undefined ? deadlineInMs(assessment) : undefined;
  if (deadlineMs !== undefined) waits.push(deadlineMs);
  return waits.length === 0 ? done : { requeueAfterMs: Math.min(...waits) };
}

function writeStatus(job: Job, status: Job["status"], client: Client, signal: AbortSignal): Promise<Job> {
  return client.update(jobs, { ...job, status }, { subresource: "status" }, signal);
}
