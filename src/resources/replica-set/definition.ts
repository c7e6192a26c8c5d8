import type { Draft } from "../../api/draft.ts";
import { formatLabelSelector } from "../../api/label-selector.ts";
import { replicaSets } from "../../api/resources.ts";
import type { ReplicaSet } from "../../api/types/apps-v1.ts";
import { ageColumn, integerColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";
import { dropDisabledFields } from "../pod/disabled-fields.ts";
import { compilePodSelector } from "../pod-selector.ts";
import { templateCells, templateColumns, warnOfNamedWorkload } from "../pod-template.ts";
import { validateReplicaSet, validateReplicaSetStatusUpdate, validateReplicaSetUpdate } from "./validation.ts";

/** A number of like pods. */
export const replicaSetDefinition = defineResource({
  resource: replicaSets,
  applyDefaults: ({ spec }) => {
    spec.replicas ??= 1;
    defaultPodTemplate(spec.template);
  },
  prepareForCreate: (draft) => {
    draft.status = { replicas: 0 };
    dropDisabledFields(draft.spec.template.spec, undefined);
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<ReplicaSet["status"]>;
    dropDisabledFields(draft.spec.template.spec, old.spec.template.spec);
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<ReplicaSet["spec"]>;
  },
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validateReplicaSetStatusUpdate,
  warnings: warnOfNamedWorkload,
  scale: {
    replicas: ({ spec }) => spec.replicas ?? 0,
    setReplicas: (draft, replicas) => {
      draft.spec.replicas = replicas;
    },
    statusReplicas: ({ status }) => status.replicas,
    selector: ({ spec }) => compilePodSelector(spec.selector)?.toString() ?? "",
  },
  table: {
    columns: [
      nameColumn,
      integerColumn("Desired"),
      integerColumn("Current"),
      integerColumn("Ready"),
      ageColumn,
      ...templateColumns,
      textColumn("Selector", 1),
    ],
    row: (set, { nowMs }) => [
      set.metadata.name,
      set.spec.replicas ?? 0,
      set.status.replicas,
      set.status.readyReplicas ?? 0,
      objectAge(set, nowMs),
      ...templateCells(set.spec.template),
      formatLabelSelector(set.spec.selector),
    ],
  },
});
