import type { Draft } from "../../api/draft.ts";
import { podDisruptionBudgets } from "../../api/resources.ts";
import type { PodDisruptionBudget } from "../../api/types/policy-v1.ts";
import { ageColumn, integerColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import {
  validatePodDisruptionBudget,
  validatePodDisruptionBudgetStatusUpdate,
  validatePodDisruptionBudgetUpdate,
} from "./validation.ts";

/** How many pods may be missing at once when somebody asks for it. */
export const podDisruptionBudgetDefinition = defineResource({
  resource: podDisruptionBudgets,
  requiresVersionOnUpdate: true,
  prepareForCreate: (draft) => {
    draft.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<PodDisruptionBudget["status"]>;
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<PodDisruptionBudget["spec"]>;
  },
  validate: validatePodDisruptionBudget,
  validateUpdate: validatePodDisruptionBudgetUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validatePodDisruptionBudgetStatusUpdate,
  table: {
    columns: [
      nameColumn,
      textColumn("Min Available"),
      textColumn("Max Unavailable"),
      integerColumn("Allowed Disruptions"),
      ageColumn,
    ],
    row: (budget, { nowMs }) => [
      budget.metadata.name,
      String(budget.spec.minAvailable ?? "N/A"),
      String(budget.spec.maxUnavailable ?? "N/A"),
      budget.status.disruptionsAllowed,
      objectAge(budget, nowMs),
    ],
  },
});
