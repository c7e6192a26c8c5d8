import { persistentVolumes, pods, resourceSlices, volumeAttachments } from "../../api/resources.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import type { LiveObjects } from "../live-objects.ts";
import {
  claimNamesOf,
  configMapNamesOf,
  resourceClaimNamesOf,
  secretKeysOfVolume,
  secretNamesOf,
} from "./pod-references.ts";

/** Kinds of things that a node may touch only because of what runs on it. */
export type NodeRelated =
  | "pods"
  | "secrets"
  | "configmaps"
  | "persistentvolumeclaims"
  | "persistentvolumes"
  | "resourceclaims"
  | "serviceaccounts"
  | "volumeattachments"
  | "resourceslices";

/** Knows which objects the pods bound to each node need. */
export interface NodeGraph {
  /** Whether a node has to do with an object. The namespace is empty for kinds without one. */
  relates(node: string, kind: NodeRelated, namespace: string, name: string): boolean;
}

/** Pods per node that need one thing; a thing goes when its last pod does. */
type Needs = Map<string, Map<string, number>>;

const volumeSecretIndex = "nodeVisibleSecret";

/** Creates the graph and keeps it current: only what pods need is counted, the rest is looked up in the caches. */
export function createNodeGraph(objects: LiveObjects): NodeGraph {
  const needs: Needs = new Map();
  const podCache = objects.of(pods).cache;
  const volumeCache = objects.of(persistentVolumes).cache;
  const attachmentCache = objects.of(volumeAttachments).cache;
  const sliceCache = objects.of(resourceSlices).cache;
  objects.addIndex(persistentVolumes, volumeSecretIndex, (volume) =>
    volume.spec.claimRef === undefined ? [] : secretKeysOfVolume(volume),
  );
  objects.of(pods).onChange(({ before, after }) => {
    if (before !== undefined && after !== undefined && needSame(before, after)) return;
    if (before !== undefined) count(needs, before, -1);
    if (after !== undefined) count(needs, after, 1);
  });

  const isNeeded = (node: string, kind: NodeRelated, namespace: string, name: string): boolean =>
    needs.get(`${kind}/${namespace}/${name}`)?.has(node) === true;
  const usesVolume = (node: string, claim: { namespace?: string; name?: string } | undefined): boolean =>
    claim !== undefined && isNeeded(node, "persistentvolumeclaims", claim.namespace ?? "", claim.name ?? "");

  return {
    relates(node, kind, namespace, name) {
      switch (kind) {
        case "pods":
          return podCache.get(`${namespace}/${name}`)?.spec.nodeName === node;
        case "volumeattachments":
          return attachmentCache.get(name)?.spec.nodeName === node;
        case "resourceslices":
          return sliceCache.get(name)?.spec.nodeName === node;
        case "persistentvolumes":
          return usesVolume(node, volumeCache.get(name)?.spec.claimRef);
        case "secrets":
          return (
            isNeeded(node, kind, namespace, name) ||
            volumeCache
              .byIndex(volumeSecretIndex, `${namespace}/${name}`)
              .some((volume) => usesVolume(node, volume.spec.claimRef))
          );
        default:
          return isNeeded(node, kind, namespace, name);
      }
    },
  };
}

function count(needs: Needs, pod: Pod, change: 1 | -1): void {
  const node = pod.spec.nodeName;
  if (node === undefined) return;
  for (const thing of thingsOf(pod)) {
    const nodes = needs.get(thing) ?? new Map<string, number>();
    const left = (nodes.get(node) ?? 0) + change;
    if (left > 0) nodes.set(node, left);
    else nodes.delete(node);
    if (nodes.size > 0) needs.set(thing, nodes);
    else needs.delete(thing);
  }
}

/** A pod that a node made itself (a mirror pod) must not give that node access to anything. */
function thingsOf(pod: Pod): string[] {
  if (pod.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined) return [];
  const { namespace } = pod.metadata;
  const keys = (kind: NodeRelated, names: readonly string[]): string[] =>
    names.map((name) => `${kind}/${namespace}/${name}`);
  const account = pod.spec.serviceAccountName;
  return [
    ...keys("serviceaccounts", account === undefined ? [] : [account]),
    ...keys("secrets", secretNamesOf(pod)),
    ...keys("configmaps", configMapNamesOf(pod)),
    ...keys("persistentvolumeclaims", claimNamesOf(pod)),
    ...keys("resourceclaims", resourceClaimNamesOf(pod)),
  ];
}

/**
 * Whether two versions of a pod need the same things, told cheaply: most changes of a pod are of its status, and what
 * a bound pod refers to can change only by new ephemeral containers and new claims.
 */
function needSame(before: Pod, after: Pod): boolean {
  return (
    before.spec === after.spec ||
    (before.spec.nodeName === after.spec.nodeName &&
      before.metadata.uid === after.metadata.uid &&
      (before.spec.ephemeralContainers?.length ?? 0) === (after.spec.ephemeralContainers?.length ?? 0) &&
      resourceClaimNamesOf(before).join() === resourceClaimNamesOf(after).join())
  );
}
