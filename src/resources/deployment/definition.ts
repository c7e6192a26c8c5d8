import type { Draft } from "../../api/draft.ts";
import { deployments } from "../../api/resources.ts";
import type { Deployment } from "../../api/types/apps-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { sameValue } from "../field-checks.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";
import { dropDisabledFields } from "../pod/disabled-fields.ts";
import { compilePodSelector } from "../pod-selector.ts";
import { templateCells, templateColumns, warnOfNamedWorkload } from "../pod-template.ts";
import { validateDeployment, validateDeploymentStatusUpdate, validateDeploymentUpdate } from "./validation.ts";

/** Pods of the newest kind wanted, rolled out with care. */
export const deploymentDefinition = defineResource({
  resource: deployments,
  applyDefaults: defaultDeployment,
  prepareForCreate: (draft) => {
    draft.status = {};
    dropDisabledFields(draft.spec.template.spec, undefined);
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<Deployment["status"]>;
    dropDisabledFields(draft.spec.template.spec, old.spec.template.spec);
    // Annotations are copied to ReplicaSets, and so count as wishes.
    if (!sameValue(draft.metadata.annotations, old.metadata.annotations))
      draft.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<Deployment["spec"]>;
    if (old.metadata.labels === undefined) delete draft.metadata.labels;
    else draft.metadata.labels = { ...old.metadata.labels };
  },
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validateDeploymentStatusUpdate,
  warnings: warnOfNamedWorkload,
  scale: {
    replicas: ({ spec }) => spec.replicas ?? 0,
    setReplicas: (draft, replicas) => {
      draft.spec.replicas = replicas;
    },
    statusReplicas: ({ status }) => status.replicas ?? 0,
    selector: ({ spec }) => compilePodSelector(spec.selector)?.toString() ?? "",
  },
  table: {
    columns: [
      nameColumn,
      textColumn("Ready"),
      textColumn("Up-to-date"),
      textColumn("Available"),
      ageColumn,
      ...templateColumns,
      textColumn("Selector", 1),
    ],
    row: (deployment, { nowMs }) => [
      deployment.metadata.name,
      `${deployment.status.readyReplicas ?? 0}/${deployment.spec.replicas ?? 0}`,
      deployment.status.updatedReplicas ?? 0,
      deployment.status.availableReplicas ?? 0,
      objectAge(deployment, nowMs),
      ...templateCells(deployment.spec.template),
      compilePodSelector(deployment.spec.selector)?.toString() ?? "<invalid>",
    ],
  },
});

function defaultDeployment({ spec }: Draft<Deployment>): void {
  spec.replicas ??= 1;
  defaultPodTemplate(spec.template);
  const { strategy } = spec;
  strategy.type ||= "RollingUpdate";
  if (strategy.type === "RollingUpdate") {
    strategy.rollingUpdate ??= {};
    strategy.rollingUpdate.maxUnavailable ??= "25%";
    strategy.rollingUpdate.maxSurge ??= "25%";
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}
