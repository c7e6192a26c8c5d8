import type { Container, Pod, Probe } from "../../api/types/core-v1.ts";
import type { KillReason } from "./pod-plan.ts";

/** Every container gets at least this long to end by itself. */
export const minimumStopSeconds = 2;

/** How long a container may take to end, hook included, before it is killed. */
export function containerGraceSeconds(pod: Pod, container: Container, reason: KillReason): number {
  if (pod.metadata.deletionGracePeriodSeconds !== undefined) return pod.metadata.deletionGracePeriodSeconds;
  const ofPod = pod.spec.terminationGracePeriodSeconds;
  if (ofPod === undefined) return minimumStopSeconds;
  return probeOf(container, reason)?.terminationGracePeriodSeconds ?? ofPod;
}

/** A probe may set a grace of its own for the containers that it condemns. Source: KEP-2238. */
function probeOf(container: Container, reason: KillReason): Probe | undefined {
  if (reason === "startupProbe") return container.startupProbe;
  return reason === "livenessProbe" ? container.livenessProbe : undefined;
}

/**
 * How long a pod that is being stopped may take; a later, shorter wish wins, a longer one never does.
 * @param effectiveSeconds what was decided before; 0 when nothing was
 * @param requestedSeconds asked for by the agent itself, as for an eviction
 */
export function podGraceSeconds(effectiveSeconds: number, pod: Pod, requestedSeconds: number | undefined): number {
  let graceSeconds = effectiveSeconds;
  const wishes = [pod.metadata.deletionGracePeriodSeconds, requestedSeconds].filter((wish) => wish !== undefined);
  for (const wish of wishes) if (graceSeconds === 0 || wish < graceSeconds) graceSeconds = wish;
  if (wishes.length === 0 && graceSeconds === 0) graceSeconds = pod.spec.terminationGracePeriodSeconds ?? 0;
  return Math.max(1, graceSeconds);
}
