import type { Pod, PodCondition } from "../../api/types/core-v1.ts";
import { type Clock, formatTime, parseTime } from "../../base/clock.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import { isPodTerminal, podCondition } from "../../resources/pod-status.ts";
import { podReference } from "../pods/pod-words.ts";
import { type Grant, grantFromStatus, grantOf, withGrant } from "./grants.ts";
import { comparePending, type PendingResize } from "./pending-order.ts";
import { resizeMessage } from "./resize-words.ts";

/** Decides which of the resources that running pods ask for they get. */
export interface ResizeManager {
  /** Takes in a pod that is new to the agent. @returns it with what it had been granted if it ran here before, else as it is */
  adopt(pod: Pod): Pod;
  /** Takes in a newer version of a pod; call `retry` then. @returns it with what it has been granted */
  update(pod: Pod): Pod;
  /** Looks whether resizes that wait can be granted now. */
  retry(): void;
  forget(podUid: string): void;
  /** `PodResizePending` and `PodResizeInProgress`, where they apply. */
  conditions(podUid: string): readonly PodCondition[];
  /** Tells whether what a pod was granted is in force. */
  settle(pod: Pod, outcome: ResizeOutcome): void;
}

/** What has become of a grant. */
export interface ResizeOutcome {
  readonly isInForce: boolean;
  /** Why it is not. */
  readonly error?: string;
}

export interface ResizeManagerOptions {
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  /** Pods that use the node, with what they have been granted. */
  readonly active: () => readonly Pod[];
  /** Says why a pod does not fit beside others; undefined when it does. */
  readonly admit: (
    pod: Pod,
    others: readonly Pod[],
  ) => { readonly reason: string; readonly message: string } | undefined;
  /** The pod has been granted what it asks for, or it has changed why it has not. */
  readonly onDecision: (pod: Pod) => void;
}

interface Finding {
  readonly reason: string;
  readonly message: string;
  readonly generation: number;
  readonly sinceMs: number;
  readonly probedMs: number;
}

interface Entry {
  /** As it asks to be. */
  pod: Pod;
  grant: Grant;
  pending: Finding | undefined;
  progress: Finding | undefined;
}

/** Creates a manager that knows no pods. */
export function createResizeManager(options: ResizeManagerOptions): ResizeManager {
  const { clock, recorder } = options;
  const entries = new Map<string, Entry>();
  /** Uids of pods that ask for something that they have not been granted. */
  const waiting = new Set<string>();

  const find = (before: Finding | undefined, reason: string, message: string, generation: number): Finding => {
    const nowMs = clock.nowMs();
    const sinceMs = before !== undefined && before.reason === reason ? before.sinceMs : nowMs;
    return { reason, message, generation, sinceMs, probedMs: nowMs };
  };
  const note = (entry: Entry): Pod => {
    const { pod } = entry;
    const granted = withGrant(pod, entry.grant);
    if (granted !== pod) waiting.add(pod.metadata.uid);
    else {
      // Granted, or a wish that was taken back.
      waiting.delete(pod.metadata.uid);
      entry.pending = undefined;
    }
    return granted;
  };
  const resizeOf = (entry: Entry): PendingResize & { readonly entry: Entry } => ({
    entry,
    wanted: entry.pod,
    granted: withGrant(entry.pod, entry.grant),
    sinceMs: entry.pending?.sinceMs ?? Number.MAX_VALUE,
  });

  const defer = (entry: Entry, reason: string, message: string): void => {
    const { pod, pending } = entry;
    const generation = pod.metadata.generation ?? 0;
    const isKnown = pending?.reason === "Deferred" && pending.generation === generation;
    if (isKnown && pending.message === message) return;
    entry.pending = find(pending, "Deferred", message, generation);
    if (isKnown) return;
    const words = resizeMessage(`Pod resize ${reason}`, pod, generation, message);
    recorder.record(podReference(pod), "Warning", "ResizeDeferred", words);
    options.onDecision(withGrant(pod, entry.grant));
  };
  const grant = (entry: Entry): void => {
    const { pod } = entry;
    const generation = pod.metadata.generation ?? 0;
    entry.grant = grantOf(pod);
    note(entry);
    entry.progress = find(undefined, "", "", generation);
    recorder.record(
      podReference(pod),
      "Normal",
      "ResizeStarted",
      resizeMessage("Pod resize started", pod, generation, ""),
    );
    options.onDecision(pod);
  };
  const decide = (entry: Entry): void => {
    const { uid } = entry.pod.metadata;
    const others = options.active().filter(({ metadata }) => metadata.uid !== uid);
    const refusal = options.admit(entry.pod, others);
    if (refusal === undefined) grant(entry);
    else defer(entry, refusal.reason, refusal.message);
  };

  return {
    adopt(pod) {
      const kept = entries.get(pod.metadata.uid)?.grant ?? grantFromStatus(pod);
      const pending = findingOf(pod, "PodResizePending");
      const progress = findingOf(pod, "PodResizeInProgress");
      const entry = { pod, grant: kept, pending, progress };
      entries.set(pod.metadata.uid, entry);
      return note(entry);
    },
    update(pod) {
      const entry = entries.get(pod.metadata.uid);
      if (entry === undefined) return pod;
      entry.pod = pod;
      return note(entry);
    },
    retry() {
      const resizes = [...waiting].flatMap((uid) => {
        const entry = entries.get(uid);
        return entry === undefined || isEnding(entry.pod) ? [] : [resizeOf(entry)];
      });
      for (const { entry } of resizes.sort(comparePending)) decide(entry);
    },
    forget(podUid) {
      entries.delete(podUid);
      waiting.delete(podUid);
    },
    conditions(podUid) {
      const entry = entries.get(podUid);
      return [
        ...renderCondition("PodResizePending", entry?.pending),
        ...renderCondition("PodResizeInProgress", entry?.progress),
      ];
    },
    settle(pod, { isInForce, error }) {
      const entry = entries.get(pod.metadata.uid);
      if (entry === undefined) return;
      const { progress } = entry;
      const generation = progress?.generation ?? pod.metadata.generation ?? 0;
      if (isInForce) {
        if (progress === undefined) return;
        entry.progress = undefined;
        const words = resizeMessage("Pod resize completed", pod, generation, "");
        recorder.record(podReference(pod), "Normal", "ResizeCompleted", words);
      } else if (error !== undefined) {
        const isNews = progress?.reason !== "Error" || progress.message !== error;
        entry.progress = find(progress, "Error", error, generation);
        const words = resizeMessage("Pod resize error", pod, generation, error);
        if (isNews) recorder.record(podReference(pod), "Warning", "ResizeError", words);
      } else entry.progress ??= find(undefined, "", "", generation);
    },
  };
}

function isEnding(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined || isPodTerminal(pod);
}

function renderCondition(type: string, finding: Finding | undefined): readonly PodCondition[] {
  if (finding === undefined) return [];
  const { reason, message, generation, sinceMs, probedMs } = finding;
  return [
    {
      type,
      observedGeneration: generation,
      status: "True",
      lastProbeTime: formatTime(probedMs),
      lastTransitionTime: formatTime(sinceMs),
      ...(reason === "" ? {} : { reason }),
      ...(message === "" ? {} : { message }),
    },
  ];
}

/** What status says of a resize that began before the agent did. */
function findingOf(pod: Pod, type: string): Finding | undefined {
  const found = podCondition(pod, type);
  if (found?.status !== "True") return undefined;
  const { reason = "", message = "", observedGeneration = 0, lastTransitionTime, lastProbeTime } = found;
  return {
    reason,
    message,
    generation: observedGeneration,
    sinceMs: parseTime(lastTransitionTime) ?? 0,
    probedMs: parseTime(lastProbeTime) ?? 0,
  };
}
