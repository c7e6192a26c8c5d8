import type { ApiObject } from "../../api/metadata.ts";
import type { OwnerReference } from "../../api/types/meta-v1.ts";
import { collectorFinalizers, type GraphNode } from "./object-graph.ts";

/** What has become of an owner that an object refers to. */
export type OwnerState =
  /** It is there. */
  | "solid"
  /** There is none, or another of its name. */
  | "absent"
  /** It is being deleted and waits for its dependants. */
  | "waiting";

/** What is to be done to an object that may be garbage. */
export type CollectionPlan =
  | { readonly action: "keep" }
  /** It stays, but refers to owners that are no more, or that wait for it though others need it. */
  | { readonly action: "dropReferences"; readonly uids: readonly string[] }
  | {
      readonly action: "delete";
      readonly propagation: "Foreground" | "Background" | "Orphan";
      /** Set when the object and its dependants wait for each other: it must not hold its owners up any more. */
      readonly unblocks: boolean;
    };

/**
 * Decides about an object whose owners have been looked up: it goes when none of them is left.
 * Source: Kubernetes documentation, "Garbage Collection".
 */
export function planCollection(
  object: Pick<ApiObject, "metadata">,
  owners: readonly { readonly reference: OwnerReference; readonly state: OwnerState }[],
  node: GraphNode,
): CollectionPlan {
  if (owners.length === 0) return { action: "keep" };
  const leaving = owners.filter(({ state }) => state !== "solid");
  if (leaving.length < owners.length)
    return leaving.length === 0
      ? { action: "keep" }
      : { action: "dropReferences", uids: leaving.map(({ reference }) => reference.uid) };
  const isAwaited = owners.some(({ state }) => state === "waiting");
  if (isAwaited && node.dependents.size > 0) {
    const isCircular = [...node.dependents].some((dependent) => dependent.deletesDependents);
    return { action: "delete", propagation: "Foreground", unblocks: isCircular };
  }
  return { action: "delete", propagation: propagationOf(object), unblocks: false };
}

/** An object whose deletion has been asked for in some way before keeps that way. */
function propagationOf({ metadata }: Pick<ApiObject, "metadata">): "Foreground" | "Background" | "Orphan" {
  if (metadata.finalizers?.includes(collectorFinalizers.orphan) === true) return "Orphan";
  return metadata.finalizers?.includes(collectorFinalizers.foreground) === true ? "Foreground" : "Background";
}

/** Dependants for which an owner deleted in the foreground has to wait. */
export function blockingDependents(node: GraphNode): readonly GraphNode[] {
  return [...node.dependents].filter(({ owners }) =>
    owners.some(({ uid, blockOwnerDeletion }) => uid === node.identity.uid && blockOwnerDeletion === true),
  );
}
