import type { Draft } from "../../api/draft.ts";
import { formatLabelSelector } from "../../api/label-selector.ts";
import { daemonSets } from "../../api/resources.ts";
import type { DaemonSet } from "../../api/types/apps-v1.ts";
import { formatLabels } from "../../printing/labels.ts";
import { ageColumn, integerColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { sameValue } from "../field-checks.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";
import { dropDisabledFields } from "../pod/disabled-fields.ts";
import { templateCells, templateColumns, warnOfWorkload } from "../pod-template.ts";
import { validateDaemonSet, validateDaemonSetStatusUpdate, validateDaemonSetUpdate } from "./validation.ts";

/** Counts the templates that a set has had; a field before, an annotation since. */
const templateGeneration = "deprecated.daemonset.template.generation";

/** A pod on every node. */
export const daemonSetDefinition = defineResource({
  resource: daemonSets,
  applyDefaults: defaultDaemonSet,
  prepareForCreate: (draft) => {
    draft.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
    dropDisabledFields(draft.spec.template.spec, undefined);
    countTemplates(draft, Math.max(templatesOf(draft as DaemonSet), 1));
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<DaemonSet["status"]>;
    dropDisabledFields(draft.spec.template.spec, old.spec.template.spec);
    const isSame = sameValue(draft.spec.template, old.spec.template);
    countTemplates(draft, templatesOf(old) + (isSame ? 0 : 1));
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<DaemonSet["spec"]>;
    countTemplates(draft, templatesOf(old));
  },
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validateDaemonSetStatusUpdate,
  warnings: (set, old) => (old !== undefined && templatesOf(set) === templatesOf(old) ? [] : warnOfWorkload(set, old)),
  table: {
    columns: [
      nameColumn,
      integerColumn("Desired"),
      integerColumn("Current"),
      integerColumn("Ready"),
      integerColumn("Up-to-date"),
      integerColumn("Available"),
      textColumn("Node Selector"),
      ageColumn,
      ...templateColumns,
      textColumn("Selector", 1),
    ],
    row: (set, { nowMs }) => [
      set.metadata.name,
      set.status.desiredNumberScheduled,
      set.status.currentNumberScheduled,
      set.status.numberReady,
      set.status.updatedNumberScheduled ?? 0,
      set.status.numberAvailable ?? 0,
      formatLabels(set.spec.template.spec.nodeSelector),
      objectAge(set, nowMs),
      ...templateCells(set.spec.template),
      formatLabelSelector(set.spec.selector),
    ],
  },
});

function defaultDaemonSet({ spec }: Draft<DaemonSet>): void {
  defaultPodTemplate(spec.template);
  const { updateStrategy: strategy } = spec;
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= 1;
  }
  if (strategy.rollingUpdate !== undefined) {
    strategy.rollingUpdate.maxUnavailable ??= 0;
    strategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
}

function templatesOf({ metadata }: DaemonSet): number {
  const text = metadata.annotations?.[templateGeneration] ?? "";
  return /^[+-]?\d+$/.test(text) ? Number(text) : 0;
}

function countTemplates({ metadata }: Draft<DaemonSet>, count: number): void {
  metadata.annotations ??= Object.create(null) as Record<string, string>;
  metadata.annotations[templateGeneration] = String(count);
}
