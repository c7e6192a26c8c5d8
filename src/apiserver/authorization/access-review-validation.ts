import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkLabelKey } from "../../api/names.ts";
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  SelfSubjectAccessReviewSpec,
} from "../../api/types/authorization-v1.ts";

/**
 * What is wrong with the question of an access review.
 * @param userFaults what is wrong with the user that it names, where it names one
 */
export function validateAccessReview(
  spec: SelfSubjectAccessReviewSpec,
  userFaults: readonly FieldError[],
): FieldError[] {
  const { resourceAttributes, nonResourceAttributes } = spec;
  const at = FieldPath.of("spec");
  const errors: FieldError[] = [];
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const { path = "", verb = "" } = nonResourceAttributes;
    const text = "cannot be specified in combination with resourceAttributes";
    errors.push(fieldError.invalid(at.child("nonResourceAttributes"), { Path: path, Verb: verb }, text));
  }
  if (resourceAttributes === undefined && nonResourceAttributes === undefined) {
    const text = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    errors.push(fieldError.invalid(at.child("resourceAttributes"), null, text));
  }
  errors.push(...userFaults);
  if (resourceAttributes === undefined) return errors;
  const below = FieldPath.of("spec.resourceAttributes");
  const { fieldSelector, labelSelector } = resourceAttributes;
  if (fieldSelector !== undefined)
    errors.push(...validateSelector(fieldSelector, below.child("fieldSelector"), fieldFaults));
  if (labelSelector !== undefined)
    errors.push(...validateSelector(labelSelector, below.child("labelSelector"), labelFaults));
  return errors;
}

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

type RequirementFaults = (requirement: Requirement, at: FieldPath) => FieldError[];

const fieldFaults: RequirementFaults = (requirement, at) => [
  ...(requirement.key === "" ? [fieldError.required(at.child("key"), "must be specified")] : []),
  ...valueFaults(requirement, at),
];

const labelFaults: RequirementFaults = (requirement, at) => [
  ...valueFaults(requirement, at),
  ...checkLabelKey(requirement.key).map((fault) => fieldError.invalid(at.child("key"), requirement.key, fault)),
];

/** Operators that this server does not know are let through: they only make the question wider. */
function validateSelector(
  selector: FieldSelectorAttributes | LabelSelectorAttributes,
  at: FieldPath,
  requirementFaults: RequirementFaults,
): FieldError[] {
  const { rawSelector, requirements = [] } = selector;
  const errors: FieldError[] = [];
  if (rawSelector !== undefined && requirements.length > 0)
    errors.push(
      fieldError.invalid(at.child("rawSelector"), rawSelector, "may not specified at the same time as requirements"),
    );
  if (rawSelector === undefined && requirements.length === 0) {
    const text = `when ${at.toString()} is specified, requirements or rawSelector is required`;
    errors.push(fieldError.required(at.child("requirements"), text));
  }
  for (const [index, requirement] of requirements.entries()) {
    const here = at.child("requirements").index(index);
    errors.push(...requirementFaults(requirement, here));
  }
  return errors;
}

function valueFaults({ operator, values = [] }: Requirement, here: FieldPath): FieldError[] {
  const at = here.child("values");
  const takesValues = operator === "In" || operator === "NotIn";
  const takesNone = operator === "Exists" || operator === "DoesNotExist";
  if (takesValues && values.length === 0)
    return [fieldError.required(at, "must be specified when `operator` is 'In' or 'NotIn'")];
  if (takesNone && values.length > 0)
    return [fieldError.forbidden(at, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  return [];
}
