import { hasReason } from "../api/status-error.ts";
import type { UserInfo } from "../api/user.ts";
import type { BackoffPolicy } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import { type CacheChange, type Informer, type Informers, keyOf, splitKey } from "../client/informer.ts";
import type { OwnWrites } from "./own-writes.ts";
import { done, type ReconcileResult, type Reconciler } from "./reconciler.ts";
import { createWorkQueue, type WorkQueue } from "./work-queue.ts";

/** A loop that brings objects from their current to their desired state. */
export interface Controller {
  /** Works until the signal is aborted, then lets what is being worked on come to its end. */
  run(signal: AbortSignal): Promise<void>;
}

/** One entry of the explicit lists of controllers. */
export interface ControllerDefinition {
  /** As the controller manager's flags know it, for example `deployment-controller`. */
  readonly name: string;
  /** Whom it acts as; upstream's default roles are bound to this user. */
  readonly user: UserInfo;
  /** `source.component` of its events. Default: its name. */
  readonly eventSource?: string;
  create(dependencies: ControllerDependencies): Controller;
}

/** What every controller is given. */
export interface ControllerDependencies {
  /** Speaks as the controller's own user. */
  readonly client: Client;
  /** Shared by all controllers of the process. */
  readonly informers: Informers;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: ControllerMetrics;
}

/** Where numbers about controllers go. */
export interface ControllerMetrics {
  /** A reconcile has ended. */
  reconciled(result: {
    readonly controller: string;
    readonly outcome: "done" | "requeued" | "failed";
    readonly durationMs: number;
    /** Keys still waiting. */
    readonly queueLength: number;
  }): void;
}

/** Where keys come from: the changes of one informer. */
export interface KeySource {
  // oxlint-disable-next-line typescript/no-explicit-any -- informers of unlike kinds stand in one list
  readonly informer: Informer<any>;
  attach(queue: WorkQueue): () => void;
}

/**
 * Puts keys into the queue for every change of an informer; `keys` names the objects that have to be looked at.
 * @param delayMs waits before a key is looked at, so that several changes are seen at once; default: at once
 */
export function changesOf<T>(
  informer: Informer<T>,
  keys: (change: CacheChange<T>) => readonly string[],
  delayMs: (change: CacheChange<T>) => number = () => 0,
): KeySource {
  return {
    informer,
    attach: (queue) =>
      informer.onChange((change) => {
        for (const key of keys(change)) queue.addAfter(key, delayMs(change));
      }),
  };
}

/** The keys of changed objects themselves. */
export function ownKey<T extends { readonly metadata: { readonly name: string; readonly namespace?: string } }>(
  change: CacheChange<T>,
): readonly string[] {
  const object = change.after ?? change.before;
  return object === undefined ? [] : [keyOf(object)];
}

/** How a controller is put together. */
export interface ControllerParts extends Reconciler {
  readonly name: string;
  readonly sources: readonly KeySource[];
  /** Informers that reconciles read but whose changes put no keys into the queue. */
  // oxlint-disable-next-line typescript/no-explicit-any -- informers of unlike kinds stand in one list
  readonly alsoReads?: readonly Informer<any>[];
  /** When given, a key is looked at again only once its caches show what was written for it. */
  readonly writes?: OwnWrites;
  /** How many keys are worked on side by side. Default 5, as most of upstream's controllers. */
  readonly workers?: number;
  /** How long failed keys wait. Default: 5 ms to 1000 s. */
  readonly retryPolicy?: BackoffPolicy;
  /** Keys put in once the caches are complete, for work that no change tells of. */
  readonly initialKeys?: () => readonly string[];
  /** The queue, for controllers that learn of keys in other ways too. Default: one of its own. */
  readonly queue?: WorkQueue;
}

const defaultWorkers = 5;

/**
 * Creates a controller: changes put keys into a queue, workers take them out and reconcile. A reconcile that throws is
 * logged and tried again with growing delay; it harms no other key.
 */
export function createController(
  parts: ControllerParts,
  dependencies: Pick<ControllerDependencies, "clock" | "logger" | "metrics">,
): Controller {
  const { clock, metrics } = dependencies;
  const logger = dependencies.logger.with({ controller: parts.name });

  const reconcile = async (queue: WorkQueue, key: string, signal: AbortSignal): Promise<void> => {
    if (parts.writes?.areSeen(key) === false) {
      parts.writes.whenSeen(key, () => queue.add(key));
      return;
    }
    const startMs = clock.monotonicMs();
    const { outcome, result } = await attempt(queue, key, signal);
    if (result.requeueAfterMs !== undefined) queue.addAfter(key, result.requeueAfterMs);
    const durationMs = clock.monotonicMs() - startMs;
    metrics?.reconciled({ controller: parts.name, outcome, durationMs, queueLength: queue.length });
  };
  const attempt = async (queue: WorkQueue, key: string, signal: AbortSignal): Promise<Attempt> => {
    try {
      const result = await parts.reconcile(key, signal);
      if (result.retry === true) queue.addWithBackoff(key);
      else queue.forget(key);
      return { outcome: result.requeueAfterMs === undefined ? "done" : "requeued", result };
    } catch (error) {
      if (signal.aborted) return { outcome: "failed", result: done };
      const fields = { key, failures: queue.failures(key) + 1, error };
      // Someone else was quicker: the news of it is on its way here and nothing is wrong.
      if (hasReason(error, "Conflict") || isGone(key, error)) logger.debug("reconcile met a newer object", fields);
      else logger.error("reconcile failed", fields);
      queue.addWithBackoff(key);
      return { outcome: "failed", result: done };
    }
  };
  const work = async (queue: WorkQueue, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const key = await takeUnlessStopped(queue, signal);
      if (key === undefined) return;
      await reconcile(queue, key, signal);
      queue.done(key);
    }
  };

  return {
    async run(signal) {
      if (signal.aborted) return;
      const queue = parts.queue ?? createWorkQueue(clock, parts.retryPolicy);
      const detach = parts.sources.map((source) => source.attach(queue));
      const informers = [...parts.sources.map((source) => source.informer), ...(parts.alsoReads ?? [])];
      try {
        await Promise.all(informers.map((informer) => informer.synced(signal)));
        for (const key of parts.initialKeys?.() ?? []) queue.add(key);
        await Promise.all(Array.from({ length: parts.workers ?? defaultWorkers }, () => work(queue, signal)));
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        for (const stop of detach) stop();
        queue.stop();
      }
    },
  };
}

interface Attempt {
  readonly outcome: "done" | "requeued" | "failed";
  readonly result: ReconcileResult;
}

/** The very object that was worked on is no more. */
function isGone(key: string, error: unknown): boolean {
  return hasReason(error, "NotFound") && error.status.details?.name === splitKey(key).name;
}

async function takeUnlessStopped(queue: WorkQueue, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await queue.take(signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
