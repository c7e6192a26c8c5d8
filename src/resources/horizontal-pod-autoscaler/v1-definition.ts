import { horizontalPodAutoscalers, horizontalPodAutoscalersV1 } from "../../api/resources.ts";
import { defineResource } from "../definition.ts";
import { autoscalerFromV1, autoscalerToV1 } from "./v1-conversion.ts";

/** Autoscalers in their first version, which knows of CPU alone. */
export const horizontalPodAutoscalerV1Definition = defineResource({
  resource: horizontalPodAutoscalersV1,
  applyDefaults: (draft) => {
    draft.spec.minReplicas ??= 1;
  },
  conversion: { storage: horizontalPodAutoscalers, toStored: autoscalerFromV1, fromStored: autoscalerToV1 },
});
