import type { Container, Pod } from "../../api/types/core-v1.ts";
import { bytesOf, milliOf } from "../containers/amounts.ts";

/** What can change of a container while it runs. Zero stands for nothing asked for, or no limit. */
export interface EffectiveResources {
  readonly cpuRequestMillis: number;
  readonly cpuLimitMillis: number;
  readonly memoryRequestBytes: number;
  readonly memoryLimitBytes: number;
}

/** What a container has by its own resources, and by its pod's limits where it has none. */
export function effectiveResources(
  spec: Pick<Pod["spec"], "resources">,
  { requests, limits }: Container["resources"],
): EffectiveResources {
  const ofPod = spec.resources?.limits;
  return {
    cpuRequestMillis: milliOf(requests?.cpu),
    cpuLimitMillis: milliOf(limits?.cpu) || milliOf(ofPod?.cpu),
    memoryRequestBytes: bytesOf(requests?.memory),
    memoryLimitBytes: bytesOf(limits?.memory) || bytesOf(ofPod?.memory),
  };
}

/** How a running container gets the resources that it should have. */
export type ResizeAction = "none" | "update" | "restart";

/** Decides by the container's resize policies, which are to change without a restart unless they say otherwise. */
export function planContainerResize(
  { resizePolicy }: Pick<Container, "resizePolicy">,
  current: EffectiveResources,
  wanted: EffectiveResources,
): ResizeAction {
  const changed = [
    ...(current.cpuRequestMillis === wanted.cpuRequestMillis && current.cpuLimitMillis === wanted.cpuLimitMillis
      ? []
      : ["cpu"]),
    ...(current.memoryRequestBytes === wanted.memoryRequestBytes && current.memoryLimitBytes === wanted.memoryLimitBytes
      ? []
      : ["memory"]),
  ];
  if (changed.length === 0) return "none";
  const needsRestart = changed.some(
    (resource) =>
      resizePolicy?.find(({ resourceName }) => resourceName === resource)?.restartPolicy === "RestartContainer",
  );
  return needsRestart ? "restart" : "update";
}
