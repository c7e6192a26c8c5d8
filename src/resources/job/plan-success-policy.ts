import type { Job } from "../../api/types/batch-v1.ts";
import { countIndexes, countShared, type IndexSet, parseIndexes } from "./job-indexes.ts";

/** The first rule of the Job's success policy that is met, in words; undefined when none is. */
export function metSuccessRule({ spec }: Job, succeeded: IndexSet): string | undefined {
  if (succeeded.length === 0) return undefined;
  const position = (spec.successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined)
      return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
    const required = parseIndexes(succeededIndexes, spec.completions ?? 0);
    if (required.length === 0) return false;
    const shared = countShared(required, succeeded);
    return shared === countIndexes(required) || (succeededCount !== undefined && shared >= succeededCount);
  });
  return position < 0 ? undefined : `Matched rules at index ${position}`;
}
