import type { Pod } from "../../api/types/core-v1.ts";
import { isPodTerminal } from "../../resources/pod-status.ts";
import { podLogDirectory } from "../containers/sandbox-config.ts";
import { isStopped } from "./observed-pod.ts";
import type { PodContext } from "./pod-context.ts";
import { forgottenPod, removePodRemains, stopPod } from "./pod-stop.ts";
import { podReference } from "./pod-words.ts";
import { type KillRequest, type PodWorker, startPodWorker } from "./pod-worker.ts";
import { isMirrorPod, isStaticPod } from "./static-pod.ts";

/** Why a pod may not run on this node. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** All pods of the node, each with a worker of its own. */
export interface PodWorkers {
  /** A pod that the node should run, new or changed. New ones are admitted or rejected. */
  put(pod: Pod): void;
  /** A pod that has been granted other resources. */
  regrant(pod: Pod): void;
  /** The pod is gone from its source. */
  remove(pod: Pod): void;
  /** Something may have happened to a pod: look. */
  wake(podUid: string): void;
  /** What is reported of a pod may have changed: tell. */
  report(podUid: string): void;
  /** Stops a pod. @returns when it has been stopped and released; at once when there is none */
  kill(podUid: string, request: KillRequest): Promise<void>;
  /** Pods that run or may, newest versions: those that use the node. */
  active(): readonly Pod[];
  /** Pods of all sources, also those that have ended. */
  all(): readonly Pod[];
  mayHaveRunningContainers(podUid: string): boolean;
  /** Stops and removes what the runtime has of pods that no source knows. Call it once all sources are known. */
  removeOrphans(): Promise<void>;
}

/** What an orphan gets to end. Source: upstream's housekeeping. */
const orphanGraceSeconds = 1;

/**
 * Creates workers for no pods. They end with the signal and leave what runs as it is.
 * @param admit says why a new pod may not run beside those that do; undefined when it may
 */
export function createPodWorkers(
  context: PodContext,
  admit: (pod: Pod, active: readonly Pod[]) => Rejection | undefined,
  signal: AbortSignal,
): PodWorkers {
  const workers = new Map<string, PodWorker>();
  const rejected = new Map<string, Pod>();
  /** Static pods that wait for another to end. */
  const queued = new Map<string, Pod>();
  /** Orphans being removed. */
  const leaving = new Set<string>();
  const { logger, resizes } = context;

  const active = (): readonly Pod[] =>
    [...workers.values()].filter(({ phase }) => phase !== "finished" && phase !== "terminated").map(({ pod }) => pod);

  const begin = (pod: Pod): void => {
    const worker = startPodWorker(context, pod, signal);
    workers.set(pod.metadata.uid, worker);
    // Whoever waits for resources may get those of a pod that has ended.
    void worker.finished.then(() => resizes.retry());
  };
  /** A static pod waits for the one before it of the same name; its uid may be the only difference. */
  const beginStatic = async (pod: Pod): Promise<void> => {
    const { uid } = pod.metadata;
    queued.set(uid, pod);
    const before = [...workers.values()].filter(
      (worker) => isStaticPod(worker.pod) && sameName(worker.pod, pod) && worker.phase !== "finished",
    );
    await Promise.all(before.map(({ finished }) => finished));
    const newest = queued.get(uid);
    queued.delete(uid);
    if (newest !== undefined && !signal.aborted) begin(newest);
  };
  const reject = (pod: Pod, { reason, message }: Rejection): void => {
    rejected.set(pod.metadata.uid, pod);
    resizes.forget(pod.metadata.uid);
    context.recorder.record(podReference(pod), "Warning", reason, message);
    const { qosClass } = pod.status;
    context.status.set(pod, {
      observedGeneration: pod.metadata.generation ?? 0,
      ...(qosClass === undefined ? {} : { qosClass }),
      phase: "Failed",
      reason,
      message: `Pod was rejected: ${message}`,
    });
    context.status.finish(pod);
  };
  const addNew = (asked: Pod): void => {
    const pod = resizes.adopt(asked);
    const needsAdmission = !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
    const rejection = needsAdmission ? admit(pod, active()) : undefined;
    if (rejection !== undefined) reject(pod, rejection);
    else if (isStaticPod(pod)) void beginStatic(pod);
    else begin(pod);
  };
  /** Forgets a pod that is gone from its source, once nothing of it runs. */
  const cleanUp = async (pod: Pod): Promise<void> => {
    const { uid } = pod.metadata;
    try {
      await workers.get(uid)?.finished;
      if (signal.aborted) return;
      await removePodRemains(context, uid, podLogDirectory(pod, context.logRoot));
    } catch (error) {
      if (!signal.aborted) logger.warn("remains of a pod not removed", { uid, error });
    } finally {
      workers.delete(uid);
      resizes.forget(uid);
      context.status.forget(uid);
    }
  };
  const removeOrphan = async (uid: string): Promise<void> => {
    if (leaving.has(uid)) return;
    leaving.add(uid);
    try {
      const { sandboxes, containers } = context.cache.observe(uid);
      const found = sandboxes[0] ?? containers[0];
      const pod = forgottenPod(found ?? { labels: {} });
      if (!isStopped({ sandboxes, containers })) {
        logger.info("stopping a pod that no source knows", { uid, name: pod.metadata.name });
        await stopPod(context, pod, orphanGraceSeconds, signal);
      }
      await removePodRemains(context, uid, podLogDirectory(pod, context.logRoot));
    } catch (error) {
      if (!signal.aborted) logger.warn("orphan not removed", { uid, error });
    } finally {
      leaving.delete(uid);
    }
  };

  return {
    put(pod) {
      if (isMirrorPod(pod)) return;
      const { uid } = pod.metadata;
      const worker = workers.get(uid);
      if (worker !== undefined) {
        worker.update(resizes.update(pod));
        resizes.retry();
        context.status.reconcile(pod);
      } else if (queued.has(uid)) queued.set(uid, pod);
      else if (rejected.has(uid)) context.status.reconcile(pod);
      else addNew(pod);
    },
    regrant(pod) {
      const worker = workers.get(pod.metadata.uid);
      worker?.update(pod);
      worker?.wake();
    },
    remove(pod) {
      if (isMirrorPod(pod)) return;
      const { uid } = pod.metadata;
      rejected.delete(uid);
      queued.delete(uid);
      workers.get(uid)?.kill({ isForgotten: true });
      void cleanUp(pod);
    },
    wake: (podUid) => workers.get(podUid)?.wake(),
    report: (podUid) => workers.get(podUid)?.report(),
    async kill(podUid, request) {
      const worker = workers.get(podUid);
      worker?.kill(request);
      await worker?.finished;
    },
    active,
    all: () => [...[...workers.values()].map(({ pod }) => pod), ...rejected.values()],
    mayHaveRunningContainers(podUid) {
      const phase = workers.get(podUid)?.phase;
      return phase === "syncing" || phase === "terminating";
    },
    async removeOrphans() {
      const orphans = context.cache.podUids().filter((uid) => !workers.has(uid) && !leaving.has(uid));
      await Promise.all(orphans.map(removeOrphan));
    },
  };
}

function sameName(a: Pod, b: Pod): boolean {
  return a.metadata.name === b.metadata.name && a.metadata.namespace === b.metadata.namespace;
}
