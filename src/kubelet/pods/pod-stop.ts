import type { Container, Pod } from "../../api/types/core-v1.ts";
import { findContainer } from "../../resources/pod-status.ts";
import type { ContainerState } from "../runtime.ts";
import { podOf, stopFactsOf } from "../runtime-labels.ts";
import { stopContainer } from "./container-stop.ts";
import { messageOf } from "./error-words.ts";
import { runningContainers } from "./observed-pod.ts";
import type { PodContext } from "./pod-context.ts";
import { planTerminationOrder } from "./termination-order.ts";

/**
 * Stops all containers of a pod side by side, sidecars last, and then its sandboxes.
 * @param graceSeconds overrides what pod and probes grant
 * @throws {Error} when something cannot be stopped; everything has been tried then
 */
export async function stopPod(
  context: PodContext,
  pod: Pod,
  graceSeconds: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { uid } = pod.metadata;
  const running = runningContainers(context.cache.observe(uid));
  const order = planTerminationOrder(pod, new Set(running.map(({ name }) => name)));
  const stops = new Map<string, Promise<void>>();
  const stop = async (found: ContainerState): Promise<void> => {
    const container = findContainer(pod.spec, found.name) ?? forgottenContainer(found);
    // The others' promises are there by now: this runs after all have been begun.
    await undefined;
    const before = (order.get(found.name) ?? []).map((name) => stops.get(name));
    await stopContainer(
      context,
      pod,
      container,
      {
        id: found.id,
        reason: "podStops",
        message: "",
        ...(graceSeconds === undefined ? {} : { graceSeconds }),
        ...(before.length === 0 ? {} : { after: Promise.allSettled(before) }),
      },
      signal,
    );
  };
  const all = running.map((found) => {
    const stopping = stop(found);
    stops.set(found.name, stopping);
    return stopping;
  });
  const results = await Promise.allSettled(all);
  signal.throwIfAborted();
  throwFailures(results);
  await stopSandboxes(context, uid);
}

/** Stops every sandbox of a pod. Containers must have been stopped before. */
async function stopSandboxes({ cache, runtime }: PodContext, podUid: string): Promise<void> {
  const ready = cache.observe(podUid).sandboxes.filter((sandbox) => sandbox.ready);
  const results = await Promise.allSettled(
    ready.map(async ({ id }) => {
      await runtime.stopSandbox(id);
      await cache.refreshSandbox(id);
    }),
  );
  throwFailures(results);
}

function throwFailures(results: readonly PromiseSettledResult<unknown>[]): void {
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (failures.length === 0) return;
  const messages = failures.map(messageOf);
  throw new Error(messages.length === 1 ? messages[0] : `[${messages.join(", ")}]`, { cause: failures[0] });
}

/** A container that no spec has any more, as far as stopping it needs. */
function forgottenContainer(found: ContainerState): Container {
  const { preStop, ports } = stopFactsOf(found);
  return {
    name: found.name,
    image: found.image,
    resources: {},
    ports,
    ...(preStop === undefined ? {} : { lifecycle: { preStop } }),
  };
}

/**
 * A pod of which nothing is left but what the runtime remembers, as far as stopping it needs.
 */
export function forgottenPod(found: ContainerState | { readonly labels: Readonly<Record<string, string>> }): Pod {
  const { uid, name, namespace } = podOf(found);
  const grace = "annotations" in found ? stopFactsOf(found).graceSeconds : undefined;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { uid, name, namespace, resourceVersion: "", creationTimestamp: "" },
    spec: { containers: [], ...(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }) },
    status: {},
  };
}

/** Removes everything that the runtime still has of a pod that is gone: containers, sandboxes, logs. */
export async function removePodRemains(context: PodContext, podUid: string, logDirectory: string): Promise<void> {
  const { runtime, cache } = context;
  const { containers, sandboxes } = cache.observe(podUid);
  for (const { id } of containers) {
    await runtime.removeContainer(id);
    cache.drop(id);
  }
  for (const { id, ready } of sandboxes) {
    if (ready) await runtime.stopSandbox(id);
    await runtime.removeSandbox(id);
    cache.drop(id);
  }
  await runtime.removePodLogs(logDirectory);
}
