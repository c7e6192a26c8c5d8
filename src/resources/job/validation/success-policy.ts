import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import type { JobSpec, SuccessPolicy, SuccessPolicyRule } from "../../../api/types/batch-v1.ts";
import { utf8Length } from "../../../api/utf8.ts";
import { requireNonNegative } from "../../field-checks.ts";
import { readIndexes } from "./index-list.ts";

const maxRules = 20;
const maxIndexBytes = 64 * 1024;

/** Checks what makes a Job a success before all is done. */
export function checkSuccessPolicy(
  errors: FieldError[],
  path: FieldPath,
  policy: SuccessPolicy,
  { completions = 0 }: JobSpec,
): void {
  const rules = policy.rules ?? [];
  const rulesPath = path.child("rules");
  if (rules.length === 0)
    errors.push(
      fieldError.required(rulesPath, "at least one rules must be specified when the successPolicy is specified"),
    );
  if (rules.length > maxRules) errors.push(fieldError.tooMany(rulesPath, rules.length, maxRules));
  for (const [index, rule] of rules.entries()) checkRule(errors, rulesPath.index(index), rule, completions);
}

function checkRule(errors: FieldError[], path: FieldPath, rule: SuccessPolicyRule, completions: number): void {
  const { succeededIndexes: indexes, succeededCount: count } = rule;
  if (count === undefined && indexes === undefined)
    errors.push(fieldError.required(path, "at least one of succeededCount or succeededIndexes must be specified"));
  const total = indexes === undefined ? undefined : checkIndexes(errors, path, indexes, completions);
  if (count === undefined) return;
  const countPath = path.child("succeededCount");
  requireNonNegative(errors, countPath, count);
  if (count > completions)
    errors.push(
      fieldError.invalid(
        countPath,
        count,
        `must be less than or equal to ${completions} (the number of specified completions)`,
      ),
    );
  if (total !== undefined && count > total)
    errors.push(
      fieldError.invalid(
        countPath,
        count,
        `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`,
      ),
    );
}

function checkIndexes(errors: FieldError[], rulePath: FieldPath, indexes: string, completions: number): number {
  const path = rulePath.child("succeededIndexes");
  if (utf8Length(indexes) > maxIndexBytes) errors.push(fieldError.tooLong(path, maxIndexBytes));
  const list = readIndexes(indexes, completions);
  if (typeof list !== "string") return list.count;
  errors.push(fieldError.invalid(path, indexes, `error parsing succeededIndexes: ${list}`));
  return 0;
}
