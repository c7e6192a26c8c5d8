import { equalJson, type JsonValue } from "../../api/json-value.ts";
import type { Container, Pod } from "../../api/types/core-v1.ts";
import type { CgroupLimits } from "../cgroups.ts";
import { containerResources, podCgroupLimits, podCgroupPath } from "../containers/container-resources.ts";
import { effectiveResources, planContainerResize, type ResizeAction } from "../resize/effective-resources.ts";
import type { ContainerResources, ContainerState } from "../runtime.ts";
import { startResourcesOf } from "../runtime-labels.ts";
import { messageOf } from "./error-words.ts";
import { latestContainer } from "./observed-pod.ts";
import type { PodContext } from "./pod-context.ts";
import type { ContainerUpdate } from "./pod-plan.ts";
import type { PodRecord } from "./pod-record.ts";
import { podReference } from "./pod-words.ts";

/** How soon a resize that failed is tried again. Source: upstream's pod workers. */
const retryMs = 10_000;

/** How a running container gets what its pod was granted. */
export function resizeActionOf(record: PodRecord, container: Container, running: ContainerState): ResizeAction {
  const wanted = effectiveResources(record.pod.spec, container.resources);
  return planContainerResize(container, record.actuated.get(running.id) ?? wanted, wanted);
}

/** Notes with what a container has just been started. */
export function noteStart(record: PodRecord, container: Container, started: ContainerState | undefined): void {
  if (started === undefined) return;
  record.actuated.set(started.id, effectiveResources(record.pod.spec, container.resources));
}

/**
 * Notes what containers have that an earlier agent started: what they were started with, unless the runtime says that
 * they have been given what they should have by now. Forgets containers that are gone.
 */
export function noteAdopted(context: PodContext, record: PodRecord): void {
  const { pod, actuated } = record;
  const { containers } = context.cache.observe(pod.metadata.uid);
  for (const id of actuated.keys()) if (!containers.some((container) => container.id === id)) actuated.delete(id);
  for (const { container, running } of runningContainers(context, pod)) {
    if (actuated.has(running.id)) continue;
    const wanted = containerResources(pod, container, context.node.memoryBytes);
    const isInForce = running.resources !== undefined && hasLimits(running.resources, wanted);
    const had = isInForce ? undefined : startResourcesOf(running);
    actuated.set(running.id, effectiveResources(pod.spec, had ?? container.resources));
  }
}

/** Whether everything that runs of a pod has what the pod was granted. */
export function isResizeInForce(context: PodContext, record: PodRecord): boolean {
  const { pod, cgroupLimits } = record;
  if (cgroupLimits !== undefined && !isSame(cgroupLimits, podCgroupLimits(pod))) return false;
  return runningContainers(context, pod).every(
    ({ container, running }) => resizeActionOf(record, container, running) === "none",
  );
}

/**
 * Makes the pod's cgroup, or widens it so that everything fits that it holds and will hold.
 * @throws {Error} when that fails; an event has been recorded
 */
export async function widenCgroup(context: PodContext, record: PodRecord): Promise<void> {
  const wanted = podCgroupLimits(record.pod);
  const limits = record.cgroupLimits === undefined ? wanted : widest(record.cgroupLimits, wanted);
  try {
    await setCgroup(context, record, limits);
  } catch (error) {
    const message = `unable to ensure pod container exists: ${messageOf(error)}`;
    context.recorder.record(podReference(record.pod), "Warning", "FailedCreatePodContainer", message);
    throw error;
  }
}

/**
 * Gives running containers, and then the pod's cgroup, what they should have.
 * @returns when to try again; undefined when all has been done
 */
export async function resizePod(
  context: PodContext,
  record: PodRecord,
  updates: readonly ContainerUpdate[],
): Promise<number | undefined> {
  const { pod } = record;
  const wanted = podCgroupLimits(pod);
  if (updates.length === 0 && record.cgroupLimits !== undefined && isSame(record.cgroupLimits, wanted))
    return undefined;
  try {
    await checkMemory(context, record, wanted);
    for (const { id, name } of updates) await updateContainer(context, record, id, name);
    await setCgroup(context, record, wanted);
    return undefined;
  } catch (error) {
    context.resizes.settle(pod, { isInForce: false, error: messageOf(error) });
    return context.clock.nowMs() + retryMs;
  }
}

async function updateContainer(context: PodContext, record: PodRecord, id: string, name: string): Promise<void> {
  const { pod, actuated } = record;
  const container = resizable(pod).find((entry) => entry.name === name);
  if (container === undefined) return;
  const resources = containerResources(pod, container, context.node.memoryBytes);
  await context.runtime.updateContainerResources(id, resources);
  actuated.set(id, effectiveResources(pod.spec, container.resources));
  await context.cache.refreshContainer(id);
}

/** @throws {Error} when the pod uses more memory than it would be left with */
async function checkMemory(
  { cgroups }: PodContext,
  { pod, cgroupLimits }: PodRecord,
  { memoryLimitBytes: wanted }: CgroupLimits,
): Promise<void> {
  if (wanted === undefined || wanted >= (cgroupLimits?.memoryLimitBytes ?? Number.POSITIVE_INFINITY)) return;
  const used = await cgroups.memoryUsageBytes(podCgroupPath(pod));
  if (used === undefined || used < wanted) return;
  throw new Error(
    `cannot decrease memory limits: attempting to set pod memory limit (${wanted}) below current usage (${used})`,
  );
}

async function setCgroup({ cgroups }: PodContext, record: PodRecord, limits: CgroupLimits): Promise<void> {
  if (record.cgroupLimits !== undefined && isSame(record.cgroupLimits, limits)) return;
  await cgroups.ensure(podCgroupPath(record.pod), limits);
  record.cgroupLimits = limits;
}

/** Of each limit the wider. No limit at all is the widest. */
function widest(a: CgroupLimits, b: CgroupLimits): CgroupLimits {
  const wider = (field: keyof CgroupLimits): Partial<CgroupLimits> => {
    const [one, other] = [a[field], b[field]];
    return one === undefined || other === undefined ? {} : { [field]: Math.max(one, other) };
  };
  return { ...wider("cpuShares"), ...wider("cpuQuotaMicros"), ...wider("memoryLimitBytes"), ...wider("pidsLimit") };
}

function isSame(a: CgroupLimits, b: CgroupLimits): boolean {
  return equalJson(a as unknown as JsonValue, b as unknown as JsonValue);
}

function hasLimits(has: ContainerResources, wanted: ContainerResources): boolean {
  return (
    has.cpuShares === wanted.cpuShares &&
    Math.max(0, has.cpuQuotaMicros) === wanted.cpuQuotaMicros &&
    Math.max(0, has.memoryLimitBytes) === wanted.memoryLimitBytes
  );
}

interface RunningContainer {
  readonly container: Container;
  readonly running: ContainerState;
}

function runningContainers({ cache }: PodContext, pod: Pod): readonly RunningContainer[] {
  const observed = cache.observe(pod.metadata.uid);
  return resizable(pod).flatMap((container) => {
    const latest = latestContainer(observed, container.name);
    return latest?.state === "running" ? [{ container, running: latest }] : [];
  });
}

/** Ephemeral containers have no resources of their own. */
function resizable({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}
