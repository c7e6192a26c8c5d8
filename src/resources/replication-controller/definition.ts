import type { Draft } from "../../api/draft.ts";
import { FieldPath } from "../../api/field-error.ts";
import { selectLabels } from "../../api/label-selector.ts";
import { replicationControllers } from "../../api/resources.ts";
import type { ReplicationController } from "../../api/types/core-v1.ts";
import { formatLabels } from "../../printing/labels.ts";
import { ageColumn, integerColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";
import { dropDisabledFields } from "../pod/disabled-fields.ts";
import { warnOfPodTemplate } from "../pod/warnings/pod-warnings.ts";
import { templateCells, templateColumns, warnOfPodNames } from "../pod-template.ts";
import {
  validateReplicationController,
  validateReplicationControllerStatusUpdate,
  validateReplicationControllerUpdate,
} from "./validation.ts";

const templatePath = FieldPath.of("spec").child("template");

/** A number of like pods: what came before ReplicaSets. */
export const replicationControllerDefinition = defineResource({
  resource: replicationControllers,
  applyDefaults: defaultReplicationController,
  prepareForCreate: (draft) => {
    draft.status = { replicas: 0 };
    if (draft.spec.template !== undefined) dropDisabledFields(draft.spec.template.spec, undefined);
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<ReplicationController["status"]>;
    if (draft.spec.template !== undefined) dropDisabledFields(draft.spec.template.spec, old.spec.template?.spec);
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<ReplicationController["spec"]>;
  },
  validate: validateReplicationController,
  validateUpdate: validateReplicationControllerUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validateReplicationControllerStatusUpdate,
  warnings: warnOfController,
  selectableFields: { "status.replicas": ({ status }) => String(status.replicas) },
  defaultPropagation: "orphan",
  scale: {
    replicas: ({ spec }) => spec.replicas ?? 0,
    setReplicas: (draft, replicas) => {
      draft.spec.replicas = replicas;
    },
    statusReplicas: ({ status }) => status.replicas,
    selector: ({ spec }) => selectLabels(spec.selector).toString(),
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
    row: (controller, { nowMs }) => [
      controller.metadata.name,
      controller.spec.replicas ?? 0,
      controller.status.replicas,
      controller.status.readyReplicas ?? 0,
      objectAge(controller, nowMs),
      ...templateCells(controller.spec.template),
      formatLabels(controller.spec.selector),
    ],
  },
});

/** The labels of the pods are the selector and the labels of the controller, where it has none. */
function defaultReplicationController({ metadata, spec }: Draft<ReplicationController>): void {
  spec.replicas ??= 1;
  if (spec.template === undefined) return;
  defaultPodTemplate(spec.template);
  const { labels } = spec.template.metadata;
  if (labels === undefined) return;
  if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
  if (Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels };
}

function warnOfController(
  controller: ReplicationController,
  old: ReplicationController | undefined,
): readonly string[] {
  const names = old === undefined ? warnOfPodNames(controller.metadata.name) : [];
  if (old !== undefined && old.metadata.generation === controller.metadata.generation) return names;
  // On a change upstream looks at the old template.
  const { template } = (old ?? controller).spec;
  return template === undefined ? names : [...names, ...warnOfPodTemplate(templatePath, template)];
}
