import { pods } from "../api/resources.ts";
import type { Pod } from "../api/types/core-v1.ts";
import type { Informers } from "../client/informer.ts";

const nodeIndex = "node";

/** Prepares `podsOfNode`. */
export function indexPodsByNode(informers: Informers): void {
  informers.addIndex(pods, nodeIndex, ({ spec: { nodeName } }) =>
    nodeName === undefined || nodeName === "" ? [] : [nodeName],
  );
}

/** Pods that are bound to a node, whether or not there is such a node. */
export function podsOfNode(informers: Informers, nodeName: string): readonly Pod[] {
  return informers.of(pods).cache.byIndex(nodeIndex, nodeName);
}
