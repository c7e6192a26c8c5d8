import { formatGoDuration } from "../../api/go-duration.ts";
import type { Container, Pod, PodStatus } from "../../api/types/core-v1.ts";
import { parseTime } from "../../base/clock.ts";
import { isPodConditionTrue, isPodTerminal, isSidecar } from "../../resources/pod-status.ts";
import { VolumeSetupError } from "../volumes/volume-manager.ts";
import { type SandboxRun, startContainer } from "./container-start.ts";
import { stopContainer } from "./container-stop.ts";
import { latestContainer } from "./observed-pod.ts";
import { planPodActions } from "./plan-pod-actions.ts";
import type { PodContext } from "./pod-context.ts";
import type { PodPlan } from "./pod-plan.ts";
import type { PodRecord } from "./pod-record.ts";
import { stopPod } from "./pod-stop.ts";
import { containerReference, describePod, podReference } from "./pod-words.ts";
import { prepareRun } from "./prepare-run.ts";
import { publishStatus } from "./publish-status.ts";
import { removeGarbage } from "./remove-garbage.ts";
import { isResizeInForce, noteAdopted, noteStart, resizeActionOf, resizePod, widenCgroup } from "./resize-pod.ts";
import { SandboxError } from "./sandbox-start.ts";
import { StartError } from "./start-error.ts";

/** What a sync asks for next. */
export interface SyncResult {
  /** The pod has ended by itself. */
  readonly isTerminal: boolean;
  /** Look again at this time, in milliseconds since the epoch, though nothing may happen until then. */
  readonly retryAtMs: number | undefined;
}

/** After a failure that tells no time of its own. Source: upstream's pod workers. */
const retryMs = 10_000;
const networkRetryMs = 1_000;
/** A pod takes fewer passes than it may have containers; more mean that two decisions undo each other. */
const maxPasses = 1_000;
/** Starts that take longer than this are reported one by one. */
const slowStartMs = 1_000;
/** How soon volumes are tried again, growing twofold. Source: upstream's volume reconciler. */
const volumeRetryMs = 500;
const maxVolumeRetryMs = 122_000;

/**
 * Brings a pod one step closer to what it should be: looks, decides, acts, reports.
 * @throws {Error} on failures of the runtime that have no place in the pod's status
 */
export async function syncPod(context: PodContext, record: PodRecord, signal: AbortSignal): Promise<SyncResult> {
  const { pod } = record;
  enforceDeadline(context, record);
  noteAdopted(context, record);
  context.resizes.settle(pod, { isInForce: isResizeInForce(context, record) });
  const status = publishStatus(context, record);
  if (isPodTerminal({ status })) return { isTerminal: true, retryAtMs: undefined };
  const nowMs = context.clock.nowMs();
  const { networkFault } = context.node;
  if (networkFault !== undefined && pod.spec.hostNetwork !== true) {
    const message = `network is not ready: ${networkFault}`;
    context.recorder.record(podReference(pod), "Warning", "NetworkNotReady", message);
    return { isTerminal: false, retryAtMs: nowMs + networkRetryMs };
  }
  context.references.register(pod);
  await widenCgroup(context, record);
  const retries = [...(await act(context, record, status, signal))];
  context.resizes.settle(pod, { isInForce: isResizeInForce(context, record) });
  const after = publishStatus(context, record);
  for (const time of [deadlineMs(pod, after), context.volumeManager.nextRefreshMs(pod.metadata.uid)])
    if (time !== undefined) retries.push(time);
  return {
    isTerminal: isPodTerminal({ status: after }),
    retryAtMs: retries.length === 0 ? undefined : Math.min(...retries),
  };
}

/** Acts until nothing is left to do now. @returns times at which to look again */
async function act(
  context: PodContext,
  record: PodRecord,
  first: PodStatus,
  signal: AbortSignal,
): Promise<readonly number[]> {
  try {
    let status = first;
    for (let pass = 0; pass < maxPasses; pass += 1) {
      const { retries, goesOn } = await actOn(context, record, status, signal);
      record.volumeFailures = 0;
      if (!goesOn) return retries;
      status = publishStatus(context, record);
    }
    return [context.clock.nowMs() + retryMs];
  } catch (error) {
    const nowMs = context.clock.nowMs();
    if (error instanceof SandboxError) return [nowMs + retryMs];
    if (!(error instanceof VolumeSetupError)) throw error;
    record.volumeFailures += 1;
    return [nowMs + Math.min(volumeRetryMs * 2 ** (record.volumeFailures - 1), maxVolumeRetryMs)];
  }
}

/** A pod that has been active for longer than it may fails. */
function enforceDeadline(context: PodContext, record: PodRecord): void {
  const { pod } = record;
  const atMs = deadlineMs(pod, context.status.get(pod.metadata.uid) ?? pod.status);
  if (atMs === undefined || context.clock.nowMs() < atMs || record.verdict !== undefined) return;
  const message = "Pod was active on the node longer than the specified deadline";
  context.recorder.record(podReference(pod), "Normal", "DeadlineExceeded", message);
  record.verdict = { reason: "DeadlineExceeded", message };
}

function deadlineMs(pod: Pod, status: PodStatus): number | undefined {
  const startMs = parseTime(status.startTime);
  const { activeDeadlineSeconds } = pod.spec;
  return startMs === undefined || activeDeadlineSeconds === undefined
    ? undefined
    : startMs + activeDeadlineSeconds * 1000;
}

interface Pass {
  /** Times at which to look again. */
  readonly retries: readonly number[];
  /** What was done may have opened the way for more. */
  readonly goesOn: boolean;
}

const nothingMore: Pass = { retries: [], goesOn: false };

/** Decides and acts once. */
async function actOn(context: PodContext, record: PodRecord, status: PodStatus, signal: AbortSignal): Promise<Pass> {
  const { pod } = record;
  const { uid } = pod.metadata;
  const plan = planPodActions(pod, context.cache.observe(uid), {
    probes: context.probes,
    restartAllContainers: isPodConditionTrue({ status }, "AllContainersRestarting"),
    resizeAction: (container, running) => resizeActionOf(record, container, running),
  });
  if (plan.createSandbox && plan.sandboxId !== undefined)
    context.recorder.record(
      podReference(pod),
      "Normal",
      "SandboxChanged",
      "Pod sandbox changed, it will be killed and re-created.",
    );
  if (plan.killPod) await stopPod(context, pod, undefined, signal);
  else await stopSome(context, pod, plan, signal);
  if (plan.killPod && !plan.createSandbox) return nothingMore;
  await removeOldInitContainers(context, pod, plan.createSandbox ? 0 : 1);
  if (plan.reset.length > 0) return { retries: [], goesOn: true };
  const resizeRetryMs = await resizePod(context, record, plan.update);
  const resizeRetries = resizeRetryMs === undefined ? [] : [resizeRetryMs];
  const run = await prepareRun(context, record, plan, signal);
  if (run === undefined) return { retries: resizeRetries, goesOn: false };
  const retries = [...resizeRetries, ...(await startAll(context, record, plan, run, signal))];
  // Tidying up can wait until what has started is told.
  publishStatus(context, record);
  await removeGarbage(context, uid);
  // A sidecar that runs lets the container behind it start.
  return { retries, goesOn: retries.length === 0 && plan.startInit.length > 0 };
}

async function stopSome(context: PodContext, pod: Pod, plan: PodPlan, signal: AbortSignal): Promise<void> {
  for (const kill of plan.kill) {
    const container = containerOf(pod, kill.name);
    if (container !== undefined) await stopContainer(context, pod, container, kill, signal);
  }
  for (const { id, name, kill } of plan.reset) {
    const container = containerOf(pod, name);
    if (kill && container !== undefined) {
      const request = { id, reason: "restartAllContainers", message: "killing", graceSeconds: 0 } as const;
      await stopContainer(context, pod, container, request, signal);
    }
    await context.runtime.removeContainer(id);
    context.cache.drop(id);
  }
}

function containerOf(pod: Pod, name: string): Container | undefined {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((container) => container.name === name);
}

/** Of init containers that have ended the newest is kept, to tell how far the pod has come; a new sandbox forgets all. */
async function removeOldInitContainers(context: PodContext, pod: Pod, keep: number): Promise<void> {
  for (const { name } of pod.spec.initContainers ?? []) {
    const ended = context.cache
      .observe(pod.metadata.uid)
      .containers.filter(
        (container) => container.name === name && (keep === 0 || ["exited", "unknown"].includes(container.state)),
      );
    for (const { id } of ended.slice(keep)) {
      await context.runtime.removeContainer(id);
      context.cache.drop(id);
    }
  }
}

/** Starts what the plan says. A container that cannot be started holds up those behind it only if it is an init container. */
async function startAll(
  context: PodContext,
  record: PodRecord,
  plan: PodPlan,
  run: SandboxRun,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { spec } = record.pod;
  const retries: number[] = [];
  const beganMs = context.clock.monotonicMs();
  const start = async (container: Container | undefined): Promise<boolean> => {
    if (container === undefined) return true;
    // What has started so far is told before more time goes by, but not when all starts quickly.
    if (context.clock.monotonicMs() - beganMs > slowStartMs) publishStatus(context, record);
    const retryAtMs = await startOne(context, record, run, container, signal);
    if (retryAtMs !== undefined) retries.push(retryAtMs);
    return retryAtMs === undefined;
  };
  for (const index of plan.startEphemeral) await start(spec.ephemeralContainers?.[index]);
  for (const index of plan.startInit) {
    const container = spec.initContainers?.[index];
    if (container !== undefined && !(await start(container)) && !isSidecar(container)) return retries;
  }
  for (const index of plan.start) await start(spec.containers[index]);
  return retries;
}

/** @returns when to try again; undefined when it has started */
async function startOne(
  context: PodContext,
  record: PodRecord,
  run: SandboxRun,
  container: Container,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    checkBackoff(context, record.pod, container);
    await startContainer(context, run, container, signal);
    noteStart(record, container, latestContainer(context.cache.observe(run.pod.metadata.uid), container.name));
    record.startFailures.delete(container.name);
    return undefined;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    record.startFailures.set(container.name, { reason: error.reason, message: error.message });
    return error.retryAtMs ?? context.clock.nowMs() + retryMs;
  }
}

/** A container that keeps ending is started again after ever longer pauses. @throws {StartError} CrashLoopBackOff */
function checkBackoff(context: PodContext, pod: Pod, container: Container): void {
  const { clock, crashBackoff, recorder } = context;
  const latest = latestContainer(context.cache.observe(pod.metadata.uid), container.name);
  if (latest?.state !== "exited") return;
  const key = backoffKey(pod, container);
  const nowMs = clock.nowMs();
  const waiting = crashBackoff.waiting(key, latest.finishedAtMs, nowMs);
  if (waiting === undefined) {
    crashBackoff.attempt(key, latest.finishedAtMs, nowMs);
    return;
  }
  const name = describePod(pod);
  const event = `Back-off restarting failed container ${container.name} in pod ${name}`;
  recorder.record(containerReference(pod, container), "Warning", "BackOff", event);
  const message = `back-off ${formatGoDuration(waiting.delayMs)} restarting failed container=${container.name} pod=${name}`;
  throw new StartError("CrashLoopBackOff", message, { retryAtMs: waiting.untilMs });
}

/** A changed image or changed resources give a container a new chance at once. */
function backoffKey(pod: Pod, { name, image, resources }: Container): string {
  return `${pod.metadata.uid}_${JSON.stringify([name, image, resources])}`;
}
