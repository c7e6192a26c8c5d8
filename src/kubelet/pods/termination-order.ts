import type { Pod } from "../../api/types/core-v1.ts";
import { isSidecar } from "../../resources/pod-status.ts";

/**
 * Which running containers must have ended before each of them is stopped: sidecars wait for all main containers and
 * for every sidecar behind them. Source: KEP-753, "Pod termination".
 */
export function planTerminationOrder(pod: Pod, running: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const order = new Map<string, readonly string[]>();
  const mains = pod.spec.containers.map(({ name }) => name).filter((name) => running.has(name));
  for (const name of mains) order.set(name, []);
  const later: string[] = [];
  for (const container of (pod.spec.initContainers ?? []).toReversed()) {
    if (!running.has(container.name)) continue;
    order.set(container.name, isSidecar(container) ? [...mains, ...later] : []);
    if (isSidecar(container)) later.push(container.name);
  }
  return order;
}
