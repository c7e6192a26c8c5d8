import { podCgroupPath } from "../containers/container-resources.ts";
import { finishStatus } from "../status/settle-status.ts";
import { messageOf } from "./error-words.ts";
import type { PodContext } from "./pod-context.ts";
import type { PodRecord } from "./pod-record.ts";
import { stopPod } from "./pod-stop.ts";
import { podReference } from "./pod-words.ts";
import { publishStatus } from "./publish-status.ts";

/**
 * Stops everything that runs of a pod. When it returns nothing of the pod runs, and nothing ever will.
 * @throws {Error} when something cannot be stopped
 */
export async function terminatePod(context: PodContext, record: PodRecord, signal: AbortSignal): Promise<void> {
  const { pod, graceSeconds } = record;
  const { uid } = pod.metadata;
  tell(context, record);
  context.probes.stop(uid, ["liveness", "startup"]);
  try {
    await stopPod(context, pod, graceSeconds, signal);
  } catch (error) {
    signal.throwIfAborted();
    const message = `error killing pod: ${messageOf(error)}`;
    context.recorder.record(podReference(pod), "Warning", "FailedKillPod", message);
    throw error;
  }
  context.probes.stop(uid, ["readiness"]);
  const running = context.cache.observe(uid).containers.filter(({ state }) => state === "running");
  if (running.length > 0)
    throw new Error(`containers run on after they were stopped: ${running.map(({ id }) => id).join(", ")}`);
}

/** Gives back what a stopped pod used, and lets the API forget it if it is being deleted. A paused pod keeps all. */
export async function releasePod(context: PodContext, record: PodRecord): Promise<void> {
  const { pod } = record;
  if (record.isPaused && pod.metadata.deletionTimestamp === undefined) {
    record.phase = "finished";
    return;
  }
  const { uid } = pod.metadata;
  // How the containers ended is told before anything of them is removed.
  tell(context, record);
  await context.volumeManager.unmount(uid);
  context.references.unregister(uid);
  await context.cgroups.remove(podCgroupPath(pod));
  context.images.forgetPod(uid);
  context.crashBackoff.forget(`${uid}_`);
  record.phase = "finished";
  if (record.isForgotten) return;
  context.status.set(pod, finishStatus(pod, context.status.get(uid) ?? pod.status));
  context.status.finish(pod);
}

function tell(context: PodContext, record: PodRecord): void {
  const isSilent = record.isForgotten || (record.isPaused && record.pod.metadata.deletionTimestamp === undefined);
  if (!isSilent) publishStatus(context, record);
}
