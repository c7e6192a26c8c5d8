import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type { CronJob, CronJobSpec } from "../../api/types/batch-v1.ts";
import { requireNonNegative, requireOneOf, requireText } from "../field-checks.ts";
import { checkJobSpec } from "../job/validation/job-spec.ts";
import { selectorForm } from "../pod-selector.ts";
import { scheduleFault } from "./schedule-fault.ts";
import { checkTimeZone } from "./time-zone.ts";

const specPath = FieldPath.of("spec");
const policies = ["Allow", "Forbid", "Replace"];
/** The names of Jobs, 63 bytes at most, end in eleven bytes that tell the time. */
const maxNameBytes = 52;

/** What is wrong with a new CronJob. */
export function validateCronJob({ metadata, spec }: CronJob): FieldError[] {
  const errors = validateSpec(spec, undefined);
  if (metadata.name.length > maxNameBytes)
    errors.push(
      fieldError.invalid(
        FieldPath.of("metadata").child("name"),
        metadata.name,
        `must be no more than ${maxNameBytes} characters`,
      ),
    );
  return errors;
}

/** What is wrong with a change of a CronJob. */
export function validateCronJobUpdate({ spec }: CronJob, { spec: old }: CronJob): FieldError[] {
  return validateSpec(spec, old);
}

function validateSpec(spec: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const schedulePath = specPath.child("schedule");
  if (requireText(errors, schedulePath, spec.schedule)) checkSchedule(errors, schedulePath, spec, old);
  requireNonNegative(errors, specPath.child("startingDeadlineSeconds"), spec.startingDeadlineSeconds);
  if (old === undefined || old.timeZone !== spec.timeZone)
    checkTimeZone(errors, specPath.child("timeZone"), spec.timeZone);
  requireOneOf(errors, specPath.child("concurrencyPolicy"), spec.concurrencyPolicy, policies);
  checkTemplate(errors, specPath.child("jobTemplate").child("spec"), spec, old);
  requireNonNegative(errors, specPath.child("successfulJobsHistoryLimit"), spec.successfulJobsHistoryLimit);
  requireNonNegative(errors, specPath.child("failedJobsHistoryLimit"), spec.failedJobsHistoryLimit);
  return errors;
}

function checkSchedule(
  errors: FieldError[],
  path: FieldPath,
  { schedule, timeZone }: CronJobSpec,
  old: CronJobSpec | undefined,
): void {
  const refuse = (detail: string): void => void errors.push(fieldError.invalid(path, schedule, detail));
  const fault = scheduleFault(schedule);
  if (fault !== undefined) refuse(fault);
  if (!schedule.includes("TZ")) return;
  // Zones inside of schedules were once let pass, and are where they were.
  if (!(old?.schedule.includes("TZ") ?? false))
    refuse("cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  else if (timeZone !== undefined) refuse("cannot use both timeZone field and TZ or CRON_TZ in schedule");
}

function checkTemplate(
  errors: FieldError[],
  path: FieldPath,
  { jobTemplate }: CronJobSpec,
  old: CronJobSpec | undefined,
): void {
  const { spec } = jobTemplate;
  checkJobSpec(errors, path, spec, old?.jobTemplate.spec.template);
  if (spec.selector !== undefined)
    errors.push(
      fieldError.invalid(path.child("selector"), selectorForm(spec.selector), "`selector` will be auto-generated"),
    );
  if (spec.manualSelector === true)
    errors.push(fieldError.notSupported(path.child("manualSelector"), true, ["nil", "false"]));
}
