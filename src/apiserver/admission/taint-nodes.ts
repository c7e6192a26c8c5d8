import type { Draft } from "../../api/draft.ts";
import type { Node } from "../../api/types/core-v1.ts";
import { isSameTaint, wellKnownTaints } from "../../resources/taints.ts";
import type { AdmissionPlugin } from "../admission.ts";
import type { FieldOrder } from "./field-order.ts";

/**
 * Taints new nodes as not ready, so that nothing is scheduled to them before the node controller has seen them ready.
 * Source: Kubernetes documentation, "Admission Control", TaintNodesByCondition.
 */
export function createTaintNodesByCondition(order: FieldOrder): AdmissionPlugin {
  const notReady = { key: wellKnownTaints.notReady, effect: "NoSchedule" } as const;
  return {
    name: "TaintNodesByCondition",
    handles: ({ group, resource, subresource }, operation) =>
      operation === "create" && group === "" && resource === "nodes" && subresource === "",
    admit({ object }) {
      const node = object as unknown as Draft<Node>;
      const taints = node.spec.taints ?? [];
      if (taints.some((taint) => isSameTaint(taint, notReady))) return;
      node.spec = order.withFields("core.v1.NodeSpec", node.spec, { taints: [...taints, { ...notReady }] });
    },
  };
}
