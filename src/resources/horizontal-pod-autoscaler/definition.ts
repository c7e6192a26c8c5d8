import type { Draft } from "../../api/draft.ts";
import { horizontalPodAutoscalers } from "../../api/resources.ts";
import type { HorizontalPodAutoscaler, HPAScalingRules } from "../../api/types/autoscaling-v2.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { metricsCell } from "./metrics-cell.ts";
import { validateAutoscaler, validateAutoscalerStatusUpdate, validateAutoscalerUpdate } from "./validation.ts";

/** Share of the processor time asked for that is aimed at when nothing is said. */
const defaultCpuPercent = 80;
const policyPeriodSeconds = 15;

/** How many pods there are, by what they have to do. */
export const horizontalPodAutoscalerDefinition = defineResource({
  resource: horizontalPodAutoscalers,
  countsGeneration: false,
  applyDefaults: defaultAutoscaler,
  prepareForCreate: (draft) => {
    draft.status = { desiredReplicas: 0, currentMetrics: null };
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<HorizontalPodAutoscaler["status"]>;
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<HorizontalPodAutoscaler["spec"]>;
  },
  validate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validateAutoscalerStatusUpdate,
  table: {
    columns: [
      nameColumn,
      textColumn("Reference"),
      textColumn("Targets"),
      textColumn("MinPods"),
      textColumn("MaxPods"),
      textColumn("Replicas"),
      ageColumn,
    ],
    row: (autoscaler, { nowMs }) => {
      const { metadata, spec, status } = autoscaler;
      return [
        metadata.name,
        `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
        metricsCell(spec.metrics ?? [], status.currentMetrics ?? []),
        spec.minReplicas === undefined ? "<unset>" : String(spec.minReplicas),
        spec.maxReplicas,
        status.currentReplicas ?? 0,
        objectAge(autoscaler, nowMs),
      ];
    },
  },
});

function defaultAutoscaler({ spec }: Draft<HorizontalPodAutoscaler>): void {
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0)
    spec.metrics = [
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: defaultCpuPercent } },
      },
    ];
  if (spec.behavior === undefined) return;
  spec.behavior.scaleUp = withRules(spec.behavior.scaleUp, {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [
      { type: "Pods", value: 4, periodSeconds: policyPeriodSeconds },
      { type: "Percent", value: 100, periodSeconds: policyPeriodSeconds },
    ],
  });
  spec.behavior.scaleDown = withRules(spec.behavior.scaleDown, {
    selectPolicy: "Max",
    policies: [{ type: "Percent", value: 100, periodSeconds: policyPeriodSeconds }],
  });
}

function withRules(
  rules: Draft<HPAScalingRules> | undefined,
  defaults: Draft<HPAScalingRules>,
): Draft<HPAScalingRules> {
  return { ...defaults, ...rules };
}
