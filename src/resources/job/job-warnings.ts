import { FieldPath } from "../../api/field-error.ts";
import type { JobSpec } from "../../api/types/batch-v1.ts";
import { warnOfPodTemplate } from "../pod/warnings/pod-warnings.ts";

const manyCompletions = 100_000;
const manyAtOnce = 10_000;

/** What to warn of in a Job, or in the template of one. @param place of the spec */
export function warnOfJobSpec(place: string, spec: JobSpec): readonly string[] {
  const { completionMode, completions = 0, parallelism = 0 } = spec;
  const warnings: string[] = [];
  if (completionMode === "Indexed" && completions > manyCompletions && parallelism > manyAtOnce)
    warnings.push(
      `${place}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
    );
  return [...warnings, ...warnOfPodTemplate(FieldPath.of(place).child("template"), spec.template)];
}
