import { formatLabelSelector } from "../../api/label-selector.ts";
import type { Job } from "../../api/types/batch-v1.ts";
import { humanDuration } from "../../printing/duration.ts";
import type { TableDefinition } from "../../printing/table.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { templateCells, templateColumns } from "../pod-template.ts";

/** Conditions that tell that a Job has ended, and others, the weightiest first. */
const endings = ["Complete", "Failed"] as const;
const states = ["Suspended", "FailureTarget", "SuccessCriteriaMet"] as const;

/** The table of Jobs. */
export const jobTable: TableDefinition<Job> = {
  columns: [
    nameColumn,
    textColumn("Status"),
    textColumn("Completions"),
    textColumn("Duration"),
    ageColumn,
    ...templateColumns,
    textColumn("Selector", 1),
  ],
  row: (job, { nowMs }) => [
    job.metadata.name,
    jobState(job),
    completionsCell(job),
    durationCell(job, nowMs),
    objectAge(job, nowMs),
    ...templateCells(job.spec.template),
    formatLabelSelector(job.spec.selector),
  ],
};

function jobState({ metadata, status }: Job): string {
  const has = (type: string): boolean =>
    status.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
  const ending = endings.find(has);
  if (ending !== undefined) return ending;
  if (metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== null) return "Terminating";
  return states.find(has) ?? "Running";
}

function completionsCell({ spec, status }: Job): string {
  const { succeeded = 0 } = status;
  const { completions, parallelism = 0 } = spec;
  if (completions !== undefined) return `${succeeded}/${completions}`;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationCell({ status: { startTime, completionTime } }: Job, nowMs: number): string {
  if (startTime === undefined || startTime === null) return "";
  const end = completionTime === undefined || completionTime === null ? nowMs : Date.parse(completionTime);
  return humanDuration(end - Date.parse(startTime));
}
