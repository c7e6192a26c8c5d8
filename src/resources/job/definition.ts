import type { Draft } from "../../api/draft.ts";
import { jobs } from "../../api/resources.ts";
import type { Job } from "../../api/types/batch-v1.ts";
import { defineResource } from "../definition.ts";
import { dropDisabledFields } from "../pod/disabled-fields.ts";
import { warnOfPodNames } from "../pod-template.ts";
import { defaultJob } from "./defaults.ts";
import { warnOfJobSpec } from "./job-warnings.ts";
import { generateSelector } from "./selector.ts";
import { jobTable } from "./table.ts";
import { validateJob, validateJobUpdate } from "./validation/job.ts";
import { validateJobStatusUpdate } from "./validation/job-status.ts";

/** Pods that run until enough of them have succeeded. */
export const jobDefinition = defineResource({
  resource: jobs,
  applyDefaults: defaultJob,
  prepareForCreate: (draft) => {
    const takesLabels = hasNoOwnLabels(draft);
    if (draft.spec.manualSelector !== true) generateSelector(draft);
    if (takesLabels) takeLabels(draft);
    draft.status = {};
    dropDisabledFields(draft.spec.template.spec, undefined);
  },
  prepareForUpdate: (draft, old) => {
    if (hasNoOwnLabels(draft)) takeLabels(draft);
    draft.status = old.status as Draft<Job["status"]>;
    dropDisabledFields(draft.spec.template.spec, old.spec.template.spec);
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<Job["spec"]>;
  },
  validate: (job) => validateJob(job, undefined),
  validateUpdate: validateJobUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validateJobStatusUpdate,
  warnings: (job, old) => [
    ...(old === undefined ? warnOfPodNames(job.metadata.name) : []),
    ...(job.metadata.generation === old?.metadata.generation && old !== undefined
      ? []
      : warnOfJobSpec("spec", job.spec)),
  ],
  selectableFields: { "status.successful": ({ status }) => String(status.succeeded ?? 0) },
  defaultPropagation: "orphan",
  table: jobTable,
});

/** A Job without labels has those of its pods, which defaults have already given it where there were any. */
function hasNoOwnLabels({ metadata, spec }: Draft<Job>): boolean {
  const { labels } = metadata;
  return labels === undefined || Object.keys(labels).length === 0 || labels === spec.template.metadata.labels;
}

function takeLabels({ metadata, spec }: Draft<Job>): void {
  const { labels } = spec.template.metadata;
  if (labels !== undefined) metadata.labels = { ...labels };
}
