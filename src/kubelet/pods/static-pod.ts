import type { Pod } from "../../api/types/core-v1.ts";

/** Annotations that tell where a pod comes from. Source: Kubernetes documentation, "Create static Pods". */
const sourceAnnotations = {
  source: "kubernetes.io/config.source",
  mirror: "kubernetes.io/config.mirror",
} as const;

/** A pod that the node runs without having been told to by the API server. */
export function isStaticPod(pod: Pick<Pod, "metadata">): boolean {
  const source = pod.metadata.annotations?.[sourceAnnotations.source];
  return source !== undefined && source !== "api" && !isMirrorPod(pod);
}

/** The API server's image of a static pod: shown, never run. */
export function isMirrorPod(pod: Pick<Pod, "metadata">): boolean {
  return pod.metadata.annotations?.[sourceAnnotations.mirror] !== undefined;
}
