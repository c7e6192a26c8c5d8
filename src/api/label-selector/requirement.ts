import { type FieldError, FieldPath, fieldError, joinFieldErrors } from "../field-error.ts";
import { checkLabelKey, checkLabelValue } from "../names.ts";
import { parseInt64 } from "./int64.ts";
import { SelectorError } from "./selector-error.ts";

/** How a requirement relates a label to its values, as upstream spells it. */
export type LabelOperator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";

/** One condition on one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** None for `exists` and `!`, one for `in` and `notin` or more, else exactly one; an integer for `gt` and `lt`. */
  readonly values: readonly string[];
}

/**
 * Builds a requirement that keeps the rules of labels.
 * @throws {SelectorError}
 */
export function createLabelRequirement(
  key: string,
  operator: LabelOperator,
  values: readonly string[],
): LabelRequirement {
  const keyFaults = checkLabelKey(key);
  const path = FieldPath.of("values");
  const errors: FieldError[] =
    keyFaults.length === 0 ? [] : [fieldError.invalid(FieldPath.of("key"), key, keyFaults.join("; "))];
  const countFault = checkCount(operator, values.length);
  if (countFault !== undefined) errors.push(fieldError.invalid(path, values.length > 0 ? values : null, countFault));
  if (operator === "gt" || operator === "lt") {
    values.forEach((value, index) => {
      if (parseInt64(value) === undefined)
        errors.push(
          fieldError.invalid(path.index(index), value, "for 'Gt', 'Lt' operators, the value must be an integer"),
        );
    });
  }
  values.forEach((value, index) => {
    const faults = checkLabelValue(value);
    if (faults.length > 0) errors.push(fieldError.invalid(path.index(index).key(key), value, faults.join("; ")));
  });
  if (errors.length > 0) throw new SelectorError(joinFieldErrors(errors));
  return { key, operator, values };
}

function checkCount(operator: LabelOperator, count: number): string | undefined {
  switch (operator) {
    case "in":
    case "notin":
      return count === 0 ? "for 'in', 'notin' operators, values set can't be empty" : undefined;
    case "=":
    case "==":
    case "!=":
      return count === 1 ? undefined : "exact-match compatibility requires one single value";
    case "exists":
    case "!":
      return count === 0 ? undefined : "values set must be empty for exists and does not exist";
    case "gt":
    case "lt":
      return count === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required";
  }
}
