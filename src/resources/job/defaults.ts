import type { Draft } from "../../api/draft.ts";
import type { Job, JobSpec } from "../../api/types/batch-v1.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";

/** So many failures that no Job meets them. */
const unlimited = 2_147_483_647;

/** Fills in what a Job leaves out. */
export function defaultJob(job: Draft<Job>): void {
  const { spec, metadata } = job;
  defaultJobSpec(spec);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : unlimited;
  const { labels } = spec.template.metadata;
  if (labels !== undefined && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels;
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
  spec.manualSelector ??= false;
}

/** Fills in what is filled in also while the Job is only a template. */
export function defaultJobSpec(spec: Draft<JobSpec>): void {
  defaultPodTemplate(spec.template);
  for (const rule of spec.podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) if (pattern.status === "") pattern.status = "True";
}
