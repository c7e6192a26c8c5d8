import type { ContainerState, Sandbox } from "../runtime.ts";

/** What the runtime has of one pod, newest first. */
export interface ObservedPod {
  readonly sandboxes: readonly Sandbox[];
  /** Also those of earlier attempts and of sandboxes that are gone. */
  readonly containers: readonly ContainerState[];
}

/** A pod of which the runtime has nothing. */
export const nothingObserved: ObservedPod = { sandboxes: [], containers: [] };

/** The newest container of that name; undefined when there is none. */
export function latestContainer(observed: ObservedPod, name: string): ContainerState | undefined {
  return observed.containers.find((container) => container.name === name);
}

/** The newest sandbox, when it runs. */
export function activeSandbox(observed: ObservedPod): Sandbox | undefined {
  const newest = observed.sandboxes[0];
  return newest?.ready === true ? newest : undefined;
}

/** Containers of the running sandbox. */
export function activeContainers(observed: ObservedPod): readonly ContainerState[] {
  const sandbox = activeSandbox(observed);
  return sandbox === undefined ? [] : observed.containers.filter((container) => container.sandboxId === sandbox.id);
}

/** True when any container of these names was created and is known, whatever became of it. */
export function hasCreatedAny(observed: ObservedPod, names: readonly { readonly name: string }[]): boolean {
  return names.some(({ name }) => {
    const state = latestContainer(observed, name)?.state;
    return state !== undefined && state !== "unknown";
  });
}

/** Containers that run, or may. */
export function runningContainers(observed: ObservedPod): readonly ContainerState[] {
  return observed.containers.filter((container) => container.state === "running" || container.state === "unknown");
}

/** Nothing of it runs. */
export function isStopped(observed: ObservedPod): boolean {
  return (
    observed.containers.every((container) => container.state !== "running") &&
    observed.sandboxes.every((sandbox) => !sandbox.ready)
  );
}

/** The addresses of the running sandbox, in the runtime's order. */
export function observedIps(observed: ObservedPod): readonly string[] {
  return activeSandbox(observed)?.ips ?? [];
}

/** Whether a pod needs another sandbox, and the number of that attempt. */
export interface SandboxNeed {
  readonly needed: boolean;
  /** Number of the attempt that is to be made, or that runs. */
  readonly attempt: number;
  /** The newest sandbox; undefined when there never was one. */
  readonly sandboxId: string | undefined;
}

/** A pod needs a new sandbox when it has none, the newest is dead or without address, or several run. */
export function sandboxNeed(observed: ObservedPod, isHostNetwork: boolean): SandboxNeed {
  const newest = observed.sandboxes[0];
  if (newest === undefined) return { needed: true, attempt: 0, sandboxId: undefined };
  const running = observed.sandboxes.filter((sandbox) => sandbox.ready).length;
  const lacksAddress = !isHostNetwork && newest.ips.length === 0;
  const needed = running > 1 || !newest.ready || lacksAddress;
  return { needed, attempt: needed ? newest.attempt + 1 : newest.attempt, sandboxId: newest.id };
}
