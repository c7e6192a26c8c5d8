import type { Draft } from "../../api/draft.ts";
import type { Pod, Toleration } from "../../api/types/core-v1.ts";
import { wellKnownTaints } from "../../resources/taints.ts";
import type { AdmissionPlugin } from "../admission.ts";
import type { FieldOrder } from "./field-order.ts";

/** How long a pod stays on a node that is not ready or cannot be reached. */
const defaultSeconds = 300;

/**
 * Lets pods stay five minutes on a node in trouble, unless they say otherwise.
 * Source: Kubernetes documentation, "Admission Control", DefaultTolerationSeconds.
 */
export function createDefaultTolerationSeconds(order: FieldOrder): AdmissionPlugin {
  return {
    name: "DefaultTolerationSeconds",
    handles: ({ group, resource, subresource }, operation) =>
      (operation === "create" || operation === "update") && group === "" && resource === "pods" && subresource === "",
    admit({ object }) {
      const pod = object as unknown as Draft<Pod>;
      const given = pod.spec.tolerations ?? [];
      const added = [wellKnownTaints.notReady, wellKnownTaints.unreachable]
        .filter((key) => !given.some((toleration) => speaksOf(toleration, key)))
        .map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: defaultSeconds }) as const);
      if (added.length > 0)
        pod.spec = order.withFields("core.v1.PodSpec", pod.spec, { tolerations: [...given, ...added] });
    },
  };
}

function speaksOf({ key = "", effect }: Toleration, taint: string): boolean {
  return (key === taint || key === "") && (effect === "NoExecute" || effect === undefined);
}
