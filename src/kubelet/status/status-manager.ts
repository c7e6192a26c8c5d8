import { pods } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Pod, PodStatus } from "../../api/types/core-v1.ts";
import { backoffDelayMs } from "../../base/backoff.ts";
import type { Clock, Timer } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { Client } from "../../client/client.ts";
import { compareResourceVersions } from "../../client/resource-version.ts";
import { isPodTerminal } from "../../resources/pod-status.ts";
import { isIllegalChange, mergeStatus, stampStatus } from "./settle-status.ts";
import { renderStatusPatch } from "./status-patch.ts";
import { isUrgentChange } from "./urgent-change.ts";

/** Keeps what the API says of this node's pods in step with what the agent knows. One write at a time per pod. */
export interface StatusManager {
  /** What was last set, with its times; undefined for pods of which nothing was set yet. */
  get(uid: string): PodStatus | undefined;
  /** Takes a pod's newest status. It is written soon, and at once when users wait for what it says. */
  set(pod: Pod, status: PodStatus): PodStatus;
  /** The pod's containers are gone and all it used is released: write what is left, and let the API forget it. */
  finish(pod: Pod): void;
  /** Another's write may have changed what the API shows: look whether it still holds. */
  reconcile(pod: Pod): void;
  /** The pod is gone from the API: forget it. */
  forget(uid: string): void;
}

export interface StatusManagerOptions {
  readonly client: Pick<Client, "patch" | "delete">;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The newest known object of that namespace and name. */
  readonly findPod: (namespace: string, name: string) => Pod | undefined;
  readonly mayHaveRunningContainers: (uid: string) => boolean;
  readonly signal: AbortSignal;
}

/** A status that nobody waits for may be this old before it is written, so that a quick start needs one write only. */
const restMs = 1_000;
/** Another's change of a status is answered no more often than this. */
const reconcileMs = 10_000;
const retryPolicy = { initialMs: 1_000, maxMs: 30_000, jitter: 0.5 };

interface Entry {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  status: PodStatus;
  isFinished: boolean;
  /** What the server answered last. */
  written: Pod | undefined;
  isWriting: boolean;
  /** Something was set while a write was under way. */
  isDirty: boolean;
  failures: number;
  timer: { readonly timer: Timer; readonly atMs: number } | undefined;
}

/** Creates a manager that knows no pods. */
export function createStatusManager(options: StatusManagerOptions): StatusManager {
  const { client, clock, random, logger, signal } = options;
  const entries = new Map<string, Entry>();

  const schedule = (entry: Entry, delayMs: number): void => {
    const atMs = clock.monotonicMs() + delayMs;
    if (entry.timer !== undefined && entry.timer.atMs <= atMs) return;
    entry.timer?.timer.cancel();
    if (delayMs === 0) {
      entry.timer = undefined;
      void write(entry);
      return;
    }
    const timer = clock.setTimer(delayMs, () => {
      entry.timer = undefined;
      void write(entry);
    });
    entry.timer = { timer, atMs };
  };

  const newestPod = (entry: Entry): Pod | undefined => {
    const known = options.findPod(entry.namespace, entry.name);
    const { written } = entry;
    if (known?.metadata.uid !== entry.uid) return undefined;
    if (written === undefined) return known;
    const order = compareResourceVersions(known.metadata.resourceVersion, written.metadata.resourceVersion);
    return order < 0 ? written : known;
  };

  const write = async (entry: Entry): Promise<void> => {
    if (entry.isWriting) {
      entry.isDirty = true;
      return;
    }
    entry.isWriting = true;
    try {
      do {
        entry.isDirty = false;
        await writeOnce(entry);
      } while (entry.isDirty && !signal.aborted);
      entry.failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      if (entry.failures === 0) logger.warn("pod status not written", { pod: entry.name, uid: entry.uid, error });
      schedule(entry, backoffDelayMs(retryPolicy, entry.failures, random));
      entry.failures += 1;
    } finally {
      entry.isWriting = false;
    }
  };

  const writeOnce = async (entry: Entry): Promise<void> => {
    let pod = newestPod(entry);
    if (pod === undefined || signal.aborted) return;
    const key = { namespace: entry.namespace, name: entry.name };
    const wanted = mergeStatus(pod.status, entry.status, options.mayHaveRunningContainers(entry.uid), clock.nowMs());
    const patch = renderStatusPatch(entry.uid, pod.status, wanted);
    try {
      if (patch !== undefined) {
        pod = await client.patch(pods, key, "strategic", patch, { subresource: "status" }, signal);
        entry.written = pod;
      }
      if (!entry.isFinished || entry.isDirty || !mayBeDeleted(pod)) return;
      await client.delete(pods, key, { gracePeriodSeconds: 0, preconditions: { uid: entry.uid } }, signal);
      drop(entry);
    } catch (error) {
      // Gone, or another of that name by now: there is nothing left to tell.
      const isGone = hasReason(error, "NotFound") || (hasReason(error, "Conflict") && newestPod(entry) === undefined);
      if (!isGone) throw error;
      logger.debug("pod is gone", { pod: entry.name, uid: entry.uid });
    }
  };

  const drop = (entry: Entry): void => {
    entry.timer?.timer.cancel();
    entries.delete(entry.uid);
  };

  const entryOf = (pod: Pod): Entry => {
    const { uid, namespace, name } = pod.metadata;
    let entry = entries.get(uid);
    if (entry === undefined) {
      entry = {
        uid,
        namespace,
        name,
        status: pod.status,
        isFinished: false,
        written: undefined,
        isWriting: false,
        isDirty: false,
        failures: 0,
        timer: undefined,
      };
      entries.set(uid, entry);
    }
    return entry;
  };

  return {
    get: (uid) => entries.get(uid)?.status,
    set(pod, status) {
      const entry = entryOf(pod);
      const before = entry.status;
      if (isIllegalChange(pod, before, status)) {
        logger.error("pod status contradicts itself", { pod: entry.name, uid: entry.uid });
        return before;
      }
      entry.status = stampStatus(pod, status, before, clock.nowMs());
      if (renderStatusPatch(entry.uid, before, entry.status) !== undefined)
        schedule(entry, isUrgentChange(before, entry.status) ? 0 : restMs);
      return entry.status;
    },
    finish(pod) {
      const entry = entryOf(pod);
      entry.isFinished = true;
      schedule(entry, 0);
    },
    reconcile(pod) {
      const entry = entries.get(pod.metadata.uid);
      if (entry === undefined || entry.isWriting) return;
      if (entry.isFinished && mayBeDeleted(pod)) schedule(entry, 0);
      const order = compareResourceVersions(
        pod.metadata.resourceVersion,
        entry.written?.metadata.resourceVersion ?? "",
      );
      if (entry.written !== undefined && order > 0) schedule(entry, reconcileMs);
    },
    forget(uid) {
      const entry = entries.get(uid);
      if (entry !== undefined) drop(entry);
    },
  };
}

/** The API may forget a pod that is being deleted once it shows that the pod has ended. */
function mayBeDeleted(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined && isPodTerminal(pod);
}
