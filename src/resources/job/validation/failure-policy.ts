import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { goQuote } from "../../../api/go-quote.ts";
import { checkLabelKey } from "../../../api/names.ts";
import type {
  JobSpec,
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from "../../../api/types/batch-v1.ts";
import { addFaults, invalidWhole } from "../../field-checks.ts";

const maxRules = 20;
const maxPatterns = 20;
const maxExitCodes = 255;
const actions = ["Count", "FailIndex", "FailJob", "Ignore"];
const operators = ["In", "NotIn"];
const statuses = ["False", "True", "Unknown"];

/** Checks what failed pods mean for a Job. */
export function checkFailurePolicy(
  errors: FieldError[],
  path: FieldPath,
  policy: PodFailurePolicy,
  spec: JobSpec,
): void {
  const rules = policy.rules ?? [];
  const rulesPath = path.child("rules");
  if (rules.length > maxRules) errors.push(fieldError.tooMany(rulesPath, rules.length, maxRules));
  const { containers, initContainers } = spec.template.spec;
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name));
  for (const [index, rule] of rules.entries()) checkRule(errors, rulesPath.index(index), rule, spec, names);
}

function checkRule(
  errors: FieldError[],
  path: FieldPath,
  rule: PodFailurePolicyRule,
  spec: JobSpec,
  containerNames: ReadonlySet<string>,
): void {
  const { action, onExitCodes, onPodConditions = [] } = rule;
  const actionPath = path.child("action");
  if (action === "FailIndex") {
    if (spec.backoffLimitPerIndex === undefined)
      errors.push(fieldError.invalid(actionPath, action, "requires the backoffLimitPerIndex to be set"));
  } else checkChoice(errors, actionPath, action, actions);
  if (onExitCodes !== undefined) checkExitCodes(errors, path.child("onExitCodes"), onExitCodes, containerNames);
  if (onPodConditions.length > 0) checkPatterns(errors, path.child("onPodConditions"), onPodConditions);
  if (onExitCodes !== undefined && onPodConditions.length > 0)
    errors.push(invalidWhole(path, "specifying both OnExitCodes and OnPodConditions is not supported"));
  if (onExitCodes === undefined && onPodConditions.length === 0)
    errors.push(invalidWhole(path, "specifying one of OnExitCodes and OnPodConditions is required"));
}

function checkPatterns(
  errors: FieldError[],
  path: FieldPath,
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
): void {
  if (patterns.length > maxPatterns) errors.push(fieldError.tooMany(path, patterns.length, maxPatterns));
  for (const [index, { type, status }] of patterns.entries()) {
    const place = path.index(index);
    addFaults(errors, place.child("type"), type, checkLabelKey(type));
    checkChoice(errors, place.child("status"), status, statuses);
  }
}

function checkExitCodes(
  errors: FieldError[],
  path: FieldPath,
  requirement: PodFailurePolicyOnExitCodesRequirement,
  containerNames: ReadonlySet<string>,
): void {
  const { operator, containerName } = requirement;
  const values = requirement.values ?? [];
  checkChoice(errors, path.child("operator"), operator, operators);
  if (containerName !== undefined && !containerNames.has(containerName))
    errors.push(
      fieldError.invalid(
        path.child("containerName"),
        containerName,
        "must be one of the container or initContainer names in the pod template",
      ),
    );
  const valuesPath = path.child("values");
  if (values.length === 0)
    errors.push(fieldError.invalid(valuesPath, requirement.values, "at least one value is required"));
  else if (values.length > maxExitCodes) errors.push(fieldError.tooMany(valuesPath, values.length, maxExitCodes));
  const known = new Set<number>();
  for (const [index, value] of values.entries()) {
    const place = valuesPath.index(index);
    if (operator === "In" && value === 0)
      errors.push(fieldError.invalid(place, value, "must not be 0 for the In operator"));
    if (known.has(value)) errors.push(fieldError.duplicate(place, value));
    known.add(value);
  }
  if (values.some((value, index) => index > 0 && (values[index - 1] as number) > value))
    errors.push(fieldError.invalid(valuesPath, values, "must be ordered"));
}

function checkChoice(errors: FieldError[], path: FieldPath, value: string, choices: readonly string[]): void {
  if (value === "") errors.push(fieldError.required(path, `valid values: [${choices.map(goQuote).join(" ")}]`));
  else if (!choices.includes(value)) errors.push(fieldError.notSupported(path, value, choices));
}
