import { type FieldError, type FieldPath, fieldError } from "../../api/field-error.ts";
import type { PolicyRule } from "../../api/types/rbac-v1.ts";

/**
 * What is wrong with the rules of a role.
 * @param isNamespaced rules of a Role, which cannot speak of paths
 */
export function validatePolicyRules(
  rules: readonly PolicyRule[] | null,
  isNamespaced: boolean,
  at: FieldPath,
): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => validateRule(rule, isNamespaced, at.index(index)));
}

function validateRule(rule: PolicyRule, isNamespaced: boolean, at: FieldPath): FieldError[] {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  const errors: FieldError[] = [];
  if ((verbs ?? []).length === 0)
    errors.push(fieldError.required(at.child("verbs"), "verbs must contain at least one value"));
  if (nonResourceURLs.length > 0) {
    const refuse = (text: string): void =>
      void errors.push(fieldError.invalid(at.child("nonResourceURLs"), nonResourceURLs, text));
    if (isNamespaced) refuse("namespaced rules cannot apply to non-resource URLs");
    if (apiGroups.length > 0 || resources.length > 0 || resourceNames.length > 0)
      refuse("rules cannot apply to both regular resources and non-resource URLs");
    return errors;
  }
  if (apiGroups.length === 0)
    errors.push(fieldError.required(at.child("apiGroups"), "resource rules must supply at least one api group"));
  if (resources.length === 0)
    errors.push(fieldError.required(at.child("resources"), "resource rules must supply at least one resource"));
  return errors;
}
