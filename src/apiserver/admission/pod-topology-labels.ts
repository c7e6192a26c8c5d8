import type { Draft } from "../../api/draft.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { nodes } from "../../api/resources.ts";
import type { Binding, Pod } from "../../api/types/core-v1.ts";
import type { AdmissionPlugin } from "../admission.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { FieldOrder } from "./field-order.ts";

const topologyLabels = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"];

/**
 * Tells pods by labels in which zone and region their node is: on the binding, from which they come to the pod.
 * Source: KEP-4742 (on by default in v1.36).
 */
export function createPodTopologyLabels(objects: LiveObjects, order: FieldOrder): AdmissionPlugin {
  const cache = objects.of(nodes).cache;
  return {
    name: "PodTopologyLabels",
    handles: ({ group, resource, subresource }, operation) =>
      group === "" &&
      resource === "pods" &&
      ((subresource === "binding" && operation === "create") ||
        (subresource === "" && (operation === "create" || operation === "update"))),
    admit(request) {
      const draft = request.object;
      if (draft === undefined) return;
      const labels = cache.get(nodeOf(draft, request.attributes.subresource))?.metadata.labels ?? {};
      const found = topologyLabels.filter((key) => Object.hasOwn(labels, key));
      if (found.length === 0) return;
      const all: Record<string, string> = { ...draft.metadata.labels };
      for (const key of found) all[key] = labels[key] as string;
      const merged: Record<string, string> = Object.create(null);
      for (const key of Object.keys(all).sort()) merged[key] = all[key] as string;
      draft.metadata = order.withFields("meta.v1.ObjectMeta", draft.metadata, { labels: merged });
    },
  };
}

function nodeOf(draft: Draft<ApiObject>, subresource: string): string {
  if (subresource === "") return (draft as unknown as Pod).spec.nodeName ?? "";
  const { target } = draft as unknown as Binding;
  return target.kind === "Node" ? (target.name ?? "") : "";
}
