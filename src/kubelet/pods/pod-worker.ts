import { equalJson } from "../../api/json-value.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { childController } from "../../base/abort.ts";
import type { Timer } from "../../base/clock.ts";
import { createMailbox } from "../../base/mailbox.ts";
import { isPodTerminal } from "../../resources/pod-status.ts";
import { podGraceSeconds } from "./grace-period.ts";
import type { PodContext } from "./pod-context.ts";
import { createPodRecord, type PodRecord, type PodVerdict, type WorkerPhase } from "./pod-record.ts";
import { publishStatus } from "./publish-status.ts";
import { syncPod } from "./sync-pod.ts";
import { releasePod, terminatePod } from "./terminate-pod.ts";

/** That a pod is to be stopped, whatever it says itself. */
export interface KillRequest {
  /** Default: what the pod says. */
  readonly graceSeconds?: number;
  /** Makes the pod fail for this reason. */
  readonly verdict?: PodVerdict;
  /** The pod is gone from its source: nobody is to be told any more. */
  readonly isForgotten?: boolean;
  /** Only its containers are stopped: nothing is told, and all that it has is kept for when the node runs again. */
  readonly isPause?: boolean;
}

/** Runs one pod, from its first container to the release of all it used. */
export interface PodWorker {
  readonly phase: WorkerPhase;
  /** The newest version that the worker knows. */
  readonly pod: Pod;
  /** A newer version of the pod. */
  update(pod: Pod): void;
  /** Something may have happened: look. */
  wake(): void;
  /** Only what is reported may have changed: tell at once, whatever is under way. */
  report(): void;
  /** Stops the pod. A later request can only make it quicker. */
  kill(request: KillRequest): void;
  /** Resolves when the pod has been stopped and all it used released, or the agent ends. */
  readonly finished: Promise<void>;
}

/** After a failed attempt to stop or release a pod, and after an unexpected failure. Source: upstream's pod workers. */
const retryMs = 10_000;

/** All that the mailbox holds: what has happened is taken into the record at once. */
const wakeUp = "wake up";

/** News of a pod. */
interface Message {
  readonly pod?: Pod;
  readonly kill?: KillRequest;
}

/** Starts a worker. It ends with the pod, or leaves everything as it is when the signal is aborted. */
export function startPodWorker(context: PodContext, pod: Pod, signal: AbortSignal): PodWorker {
  const record = createPodRecord(pod);
  applyMessage(record, {});
  const mailbox = createMailbox<typeof wakeUp>();
  const logger = context.logger.with({ pod: `${pod.metadata.namespace}/${pod.metadata.name}`, uid: pod.metadata.uid });
  let timer: Timer | undefined;
  /** Ends what is under way when the pod must be stopped, or stopped more quickly. */
  let current: AbortController | undefined;

  const report = (): void => {
    const wasReported = context.status.get(pod.metadata.uid) !== undefined;
    if (record.phase === "syncing" && wasReported) publishStatus(context, record);
  };
  const wakeAt = (atMs: number | undefined): void => {
    timer?.cancel();
    timer = undefined;
    if (atMs === undefined) return;
    timer = context.clock.setTimer(Math.max(0, atMs - context.clock.nowMs()), () => mailbox.put(wakeUp));
  };
  /** Takes news in at once: what is under way may have to end for it. */
  const take = (message: Message): void => {
    if (record.phase === "finished") return;
    const isNews = message.kill !== undefined || isSpecChanged(record.pod, message.pod ?? record.pod);
    const before = { phase: record.phase, graceSeconds: record.graceSeconds };
    applyMessage(record, message);
    const isQuicker = before.graceSeconds !== 0 && record.graceSeconds < before.graceSeconds;
    if (before.phase !== record.phase || isQuicker) current?.abort(new Error("pod must stop"));
    if (isNews || before.phase !== record.phase) mailbox.put(wakeUp);
    else report();
  };

  const step = async (): Promise<number | undefined> => {
    const controller = childController(signal);
    current = controller;
    try {
      return await advance(context, record, controller.signal);
    } catch (error) {
      signal.throwIfAborted();
      // Whoever ended this early has left a message.
      if (controller.signal.aborted) return undefined;
      logger.error("pod sync failed", { phase: record.phase, error });
      return context.clock.nowMs() + retryMs;
    } finally {
      controller.dispose();
      current = undefined;
    }
  };
  const run = async (): Promise<void> => {
    try {
      while (record.phase !== "finished") {
        await mailbox.take(signal);
        wakeAt(undefined);
        let retryAtMs = await step();
        // A phase that has ended gives way to the next without waiting for news.
        for (let phase = phaseOf(record); retryAtMs === 0 && phase !== "finished"; phase = phaseOf(record))
          retryAtMs = await step();
        wakeAt(retryAtMs);
      }
    } catch (error) {
      if (!signal.aborted) logger.error("pod worker ended", { error });
    } finally {
      timer?.cancel();
    }
  };

  mailbox.put(wakeUp);
  const finished = run();
  return {
    get phase() {
      return record.phase;
    },
    get pod() {
      return record.pod;
    },
    finished,
    update: (newer) => take({ pod: newer }),
    wake: () => mailbox.put(wakeUp),
    report,
    kill: (request) => take({ kill: request }),
  };
}

/** Does what the present phase asks for. @returns when to go on: 0 at once, undefined when something happens */
async function advance(context: PodContext, record: PodRecord, signal: AbortSignal): Promise<number | undefined> {
  switch (record.phase) {
    case "syncing": {
      const { isTerminal, retryAtMs } = await syncPod(context, record, signal);
      if (!isTerminal) return retryAtMs;
      beginTermination(record, undefined);
      return 0;
    }
    case "terminating":
      await terminatePod(context, record, signal);
      record.phase = "terminated";
      return 0;
    case "terminated":
      await releasePod(context, record);
      return 0;
    case "finished":
      return undefined;
  }
}

/** Takes news into the record. Phases only go forward, and a grace period only gets shorter. */
function applyMessage(record: PodRecord, { pod, kill }: Message): void {
  if (pod !== undefined) record.pod = pod;
  if (kill?.isForgotten === true) record.isForgotten = true;
  if (kill?.isPause === true) record.isPaused = true;
  if (kill?.verdict !== undefined && record.phase === "syncing") record.verdict ??= kill.verdict;
  const mustEnd =
    kill !== undefined || record.pod.metadata.deletionTimestamp !== undefined || isPodTerminal(record.pod);
  if (!mustEnd || (record.phase !== "syncing" && record.phase !== "terminating")) return;
  beginTermination(record, kill?.graceSeconds);
}

/** Whether anything but the status has changed: the agent's own writes must not set it going. */
function isSpecChanged({ metadata: before }: Pod, { metadata: after }: Pod): boolean {
  return (
    before.generation !== after.generation ||
    before.deletionTimestamp !== after.deletionTimestamp ||
    before.deletionGracePeriodSeconds !== after.deletionGracePeriodSeconds ||
    !isSameMap(before.labels, after.labels) ||
    !isSameMap(before.annotations, after.annotations)
  );
}

function isSameMap(before: Pod["metadata"]["labels"], after: Pod["metadata"]["labels"]): boolean {
  return before === after || equalJson(before ?? {}, after ?? {});
}

function beginTermination(record: PodRecord, graceSeconds: number | undefined): void {
  record.phase = "terminating";
  record.graceSeconds = podGraceSeconds(record.graceSeconds, record.pod, graceSeconds);
}

/** The phase, read anew: it changes while others wait. */
function phaseOf(record: PodRecord): WorkerPhase {
  return record.phase;
}
