import { parseQuantity } from "../../api/quantity.ts";
import type { Container, Pod, ResourceFieldSelector } from "../../api/types/core-v1.ts";
import type { ResourceList } from "../../resources/resource-list.ts";
import { isHugePageResource } from "../../resources/resource-names.ts";
import { ContainerConfigError } from "../containers/security-config.ts";

/**
 * A container's request or limit as a whole number of divisors, rounded up. A container without a limit has that of
 * its pod, or all that its node can give.
 * @param container the one whose environment it is for; a selector may name another of the same pod
 * @throws {ContainerConfigError} for what the downward API does not have
 */
export function resourceFieldValue(
  pod: Pod,
  container: Container | undefined,
  selector: ResourceFieldSelector,
  nodeAllocatable: ResourceList,
): string {
  const named = selector.containerName ?? "";
  const target = named === "" ? container : findByName(pod, named);
  if (target === undefined) throw new ContainerConfigError(`container ${named} not found`);
  const [kind, name = ""] = splitOnce(selector.resource);
  if ((kind !== "limits" && kind !== "requests") || !(isStandard(name) || isHugePageResource(name)))
    throw new ContainerConfigError(`unsupported container resource : ${selector.resource}`);
  const amount = kind === "limits" ? limitOf(pod, target, name, nodeAllocatable) : target.resources.requests?.[name];
  return divideUp(amount ?? "0", selector.divisor, name === "cpu" ? 1_000_000n : 1_000_000_000n);
}

function findByName(pod: Pod, name: string): Container | undefined {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const found = all.find((container) => container.name === name);
  if (found === undefined) throw new ContainerConfigError(`container ${name} not found`);
  return found;
}

function isStandard(name: string): boolean {
  return name === "cpu" || name === "memory" || name === "ephemeral-storage";
}

function limitOf(pod: Pod, container: Container, name: string, allocatable: ResourceList): string | undefined {
  const own = container.resources.limits?.[name];
  if (!isStandard(name) || (own !== undefined && own !== "0")) return own;
  const ofPod = pod.spec.resources?.limits?.[name];
  return ofPod !== undefined && ofPod !== "0" && name !== "ephemeral-storage" ? ofPod : (allocatable[name] ?? own);
}

/** Both amounts are first rounded up to `unit`, as the downward API does: thousandths for CPU, whole units for the rest. */
function divideUp(amount: string, divisor: string, unit: bigint): string {
  const divisorNanos = parseQuantity(divisor === "" ? "0" : divisor).nanos;
  const left = ceiling(parseQuantity(amount).nanos, unit);
  const right = ceiling(divisorNanos === 0n ? 1_000_000_000n : divisorNanos, unit);
  return String(ceiling(left, right));
}

function ceiling(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

function splitOnce(text: string): [string, string | undefined] {
  const dot = text.indexOf(".");
  return dot < 0 ? [text, undefined] : [text.slice(0, dot), text.slice(dot + 1)];
}
