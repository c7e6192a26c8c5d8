import type { Container, EphemeralContainer, PodSpec } from "../../../api/types/core-v1.ts";

/** What is looked at of a pod, or of the template of pods. */
export interface CheckedPod {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  /** Init containers first, ephemeral containers last. */
  readonly containers: readonly (Container | EphemeralContainer)[];
}

/** Something that a standard forbids. */
export interface Violation {
  readonly reason: string;
  /** Which part of the pod does what. */
  readonly detail: string;
}

/** One requirement of the Pod Security Standards. */
export interface SecurityCheck {
  readonly id: string;
  /** The minor version that the requirement came with. */
  readonly since: number;
  /** The laxer requirement that is not looked at where this one is. */
  readonly replaces?: string;
  /** @param minor the version of the standards */
  find(pod: CheckedPod, minor: number): Violation | undefined;
}

/** The pods of a spec in the form that checks look at. */
export function checkedPod(annotations: Readonly<Record<string, string>> | undefined, spec: PodSpec): CheckedPod {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
  return { annotations: annotations ?? {}, spec, containers };
}

/** `"a", "b"`. */
export function quoted(items: readonly string[]): string {
  return items.map((item) => `"${item}"`).join(", ");
}

/** Sorted, each once. */
export function distinct(items: readonly string[]): readonly string[] {
  return [...new Set(items)].sort();
}

/** A word in the number that fits. */
export function inNumber(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}

/** `container "a"`, or `containers "a", "b"`. */
export function namedContainers(names: readonly string[]): string {
  return `${inNumber(names.length, "container")} ${quoted(names)}`;
}

/** Who set something that is forbidden: the pod, containers of it, or both. */
export function settersOf(isSetByPod: boolean, containers: readonly string[]): readonly string[] {
  return [...(isSetByPod ? ["pod"] : []), ...(containers.length === 0 ? [] : [namedContainers(containers)])];
}

/** Pods with users of their own cannot harm the node as root. Source: KEP-127. */
export function hasOwnUsers({ spec }: CheckedPod): boolean {
  return spec.hostUsers === false;
}

/** Of Windows nothing is asked that only Linux knows. */
export function isForWindows({ spec }: CheckedPod): boolean {
  return spec.os?.name === "windows";
}
