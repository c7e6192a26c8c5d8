import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import type { Container, ContainerRestartRule } from "../../../api/types/core-v1.ts";
import { requireOneOf } from "../../field-checks.ts";

const policies = ["Always", "Never", "OnFailure"];
const actions = ["Restart", "RestartAllContainers"];
const operators = ["In", "NotIn"];
const maxRules = 20;
const maxExitCodes = 255;

/** Checks a container's own restart policy, and the rules that go before it. */
export function checkRestartPolicy(
  errors: FieldError[],
  path: FieldPath,
  container: Pick<Container, "restartPolicy" | "restartPolicyRules">,
): void {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  if (restartPolicy === undefined) {
    if (rules.length === 0) return;
    errors.push(
      fieldError.required(path.child("restartPolicy"), "must specify restartPolicy when restart rules are used"),
    );
  } else {
    requireOneOf(errors, path.child("restartPolicy"), restartPolicy, policies);
  }
  const rulesPath = path.child("restartPolicyRules");
  if (rules.length > maxRules) errors.push(fieldError.tooMany(rulesPath, rules.length, maxRules));
  for (const [index, rule] of rules.entries()) checkRule(errors, rulesPath.index(index), rule);
}

/** As `checkRestartPolicy`, for init containers: without a policy, rules are refused and nothing else is looked at. */
export function checkInitRestartPolicy(
  errors: FieldError[],
  path: FieldPath,
  container: Pick<Container, "restartPolicy" | "restartPolicyRules">,
): void {
  if (container.restartPolicy !== undefined) checkRestartPolicy(errors, path, container);
  else if ((container.restartPolicyRules?.length ?? 0) > 0)
    errors.push(
      fieldError.required(path.child("restartPolicy"), "must specify restartPolicy when restart rules are used"),
    );
}

function checkRule(errors: FieldError[], path: FieldPath, rule: ContainerRestartRule): void {
  requireOneOf(errors, path.child("action"), rule.action, actions);
  const codesPath = path.child("exitCodes");
  if (rule.exitCodes === undefined) {
    errors.push(fieldError.required(codesPath, "must be specified"));
    return;
  }
  const { operator, values = [] } = rule.exitCodes;
  requireOneOf(errors, codesPath.child("operator"), operator, operators);
  if (values.length > maxExitCodes)
    errors.push(fieldError.tooMany(codesPath.child("values"), values.length, maxExitCodes));
}
