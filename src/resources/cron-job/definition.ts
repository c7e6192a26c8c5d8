import type { Draft } from "../../api/draft.ts";
import { formatLabelSelector } from "../../api/label-selector.ts";
import { cronJobs } from "../../api/resources.ts";
import type { CronJob } from "../../api/types/batch-v1.ts";
import { humanAge } from "../../printing/duration.ts";
import {
  ageColumn,
  booleanColumn,
  integerColumn,
  nameColumn,
  objectAge,
  textColumn,
} from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { defaultJobSpec } from "../job/defaults.ts";
import { warnOfJobSpec } from "../job/job-warnings.ts";
import { dropDisabledFields } from "../pod/disabled-fields.ts";
import { templateCells, templateColumns, warnOfPodNames } from "../pod-template.ts";
import { validateCronJob, validateCronJobUpdate } from "./validation.ts";

/** Jobs at set times. */
export const cronJobDefinition = defineResource({
  resource: cronJobs,
  applyDefaults: ({ spec }) => {
    defaultJobSpec(spec.jobTemplate.spec);
    spec.concurrencyPolicy ||= "Allow";
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
  },
  prepareForCreate: (draft) => {
    draft.status = {};
    dropDisabledFields(draft.spec.jobTemplate.spec.template.spec, undefined);
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<CronJob["status"]>;
    dropDisabledFields(draft.spec.jobTemplate.spec.template.spec, old.spec.jobTemplate.spec.template.spec);
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<CronJob["spec"]>;
  },
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  validatesWholeUpdate: true,
  warnings: warnOfCronJob,
  table: {
    columns: [
      nameColumn,
      textColumn("Schedule"),
      textColumn("Timezone"),
      booleanColumn("Suspend"),
      integerColumn("Active"),
      textColumn("Last Schedule"),
      ageColumn,
      ...templateColumns,
      textColumn("Selector", 1),
    ],
    row: ({ metadata, spec, status }, { nowMs }) => [
      metadata.name,
      spec.schedule,
      spec.timeZone ?? "<none>",
      spec.suspend === undefined ? "<unset>" : spec.suspend ? "True" : "False",
      status.active?.length ?? 0,
      status.lastScheduleTime === undefined ? "<none>" : humanAge(status.lastScheduleTime, nowMs),
      objectAge({ metadata }, nowMs),
      ...templateCells(spec.jobTemplate.spec.template),
      formatLabelSelector(spec.jobTemplate.spec.selector),
    ],
  },
});

function warnOfCronJob(cronJob: CronJob, old: CronJob | undefined): readonly string[] {
  const { metadata, spec } = cronJob;
  const warnings: string[] = [];
  if (old === undefined) warnings.push(...warnOfPodNames(metadata.name));
  if (old === undefined || metadata.generation !== old.metadata.generation)
    warnings.push(...warnOfJobSpec("spec.jobTemplate.spec", spec.jobTemplate.spec));
  if (old !== undefined && spec.schedule.includes("TZ"))
    warnings.push(
      "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details",
    );
  return warnings;
}
