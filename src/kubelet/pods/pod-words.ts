import type { Container, ObjectReference, Pod } from "../../api/types/core-v1.ts";

/** `web_default(2f0e...)`: how messages name a pod. */
export function describePod(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
}

/** What an event about a pod refers to. */
export function podReference(pod: Pod): ObjectReference {
  return {
    kind: "Pod",
    namespace: pod.metadata.namespace,
    name: pod.metadata.name,
    uid: pod.metadata.uid,
    apiVersion: "v1",
    resourceVersion: pod.metadata.resourceVersion,
  };
}

/** What an event about a container refers to: its pod, and where in it the container stands. */
export function containerReference(pod: Pod, container: Pick<Container, "name">): ObjectReference {
  const path = containerPath(pod, container.name);
  return path === undefined ? podReference(pod) : { ...podReference(pod), fieldPath: path };
}

function containerPath(pod: Pod, name: string): string | undefined {
  const isNamed = (container: { readonly name: string }): boolean => container.name === name;
  if (pod.spec.containers.some(isNamed)) return `spec.containers{${name}}`;
  if (pod.spec.initContainers?.some(isNamed)) return `spec.initContainers{${name}}`;
  return pod.spec.ephemeralContainers?.some(isNamed) ? `spec.ephemeralContainers{${name}}` : undefined;
}
