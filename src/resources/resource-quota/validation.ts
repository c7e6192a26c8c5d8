import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type { ResourceQuota, ResourceQuotaSpec } from "../../api/types/core-v1.ts";
import { checkAmount, immutableFault } from "../field-checks.ts";
import { checkResourceName, isStandardQuotaResource } from "../resource-names.ts";
import { isKnownScope, isScopeOfResource, onlyExistingScopes } from "./scopes.ts";

/** What is wrong with what a quota wants. */
export function checkQuotaSpec(spec: ResourceQuotaSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  checkAmounts(errors, path.child("hard"), spec.hard);
  const names = Object.keys(spec.hard ?? {})
    .filter(isStandardQuotaResource)
    .sort();
  checkScopes(errors, path.child("scopes"), spec, names);
  checkSelector(errors, path.child("scopeSelector").child("matchExpressions"), spec, names);
  return errors;
}

/** Scopes stay what they are. */
export function checkScopesKept(spec: ResourceQuotaSpec, old: ResourceQuotaSpec, path: FieldPath): FieldError[] {
  const before = new Set<string>(old.scopes);
  const after = new Set<string>(spec.scopes);
  if (before.size === after.size && [...before].every((scope) => after.has(scope))) return [];
  return [fieldError.invalid(path.child("scopes"), spec.scopes, immutableFault)];
}

/** What is wrong with what is said of a quota's use. */
export function checkQuotaStatus({ metadata, status }: ResourceQuota): FieldError[] {
  const errors: FieldError[] = [];
  if ((metadata.resourceVersion ?? "") === "") errors.push(fieldError.required(FieldPath.of("resourceVersion")));
  const path = FieldPath.of("status");
  checkAmounts(errors, path.child("hard"), status.hard);
  checkAmounts(errors, path.child("used"), status.used);
  return errors;
}

function checkAmounts(
  errors: FieldError[],
  path: FieldPath,
  amounts: Readonly<Record<string, string>> | undefined,
): void {
  for (const name of Object.keys(amounts ?? {}).sort()) {
    const itemPath = path.key(name);
    checkResourceName(errors, itemPath, name);
    if (!name.includes("/") && !isStandardQuotaResource(name))
      errors.push(fieldError.invalid(itemPath, name, "must be a standard resource for quota"));
    checkAmount(errors, itemPath, name, amounts?.[name] as string);
  }
}

function checkScopes(errors: FieldError[], path: FieldPath, spec: ResourceQuotaSpec, names: readonly string[]): void {
  const scopes: readonly string[] = spec.scopes ?? [];
  for (const scope of scopes) {
    if (!isKnownScope(scope)) errors.push(fieldError.invalid(path, scopes, "unsupported scope"));
    for (const name of names)
      if (!isScopeOfResource(scope, name))
        errors.push(fieldError.invalid(path, scopes, "unsupported scope applied to resource"));
  }
  checkConflicts(errors, path, scopes, scopes);
}

function checkSelector(errors: FieldError[], path: FieldPath, spec: ResourceQuotaSpec, names: readonly string[]): void {
  const requirements = spec.scopeSelector?.matchExpressions ?? [];
  for (const { scopeName, operator, values = [] } of requirements) {
    if (!isKnownScope(scopeName))
      errors.push(fieldError.invalid(path.child("scopeName"), scopeName, "unsupported scope"));
    for (const name of names)
      if (!isScopeOfResource(scopeName, name))
        errors.push(fieldError.invalid(path, goForm(requirements), "unsupported scope applied to resource"));
    if (onlyExistingScopes.has(scopeName) && operator !== "Exists")
      errors.push(fieldError.invalid(path.child("operator"), operator, mustExistFault));
    checkOperator(errors, path, operator, values);
  }
  const scopes = requirements.map(({ scopeName }): string => scopeName);
  checkConflicts(errors, path, scopes, spec.scopes ?? null);
}

/** A selector as messages show it: under the names of Go. */
function goForm(requirements: NonNullable<ResourceQuotaSpec["scopeSelector"]>["matchExpressions"] = []): object {
  return {
    MatchExpressions: requirements.map(({ scopeName, operator, values }) => ({
      ScopeName: scopeName,
      Operator: operator,
      Values: values ?? null,
    })),
  };
}

const mustExistFault =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, " +
  "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

function checkOperator(errors: FieldError[], path: FieldPath, operator: string, values: readonly string[]): void {
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0)
        errors.push(
          fieldError.required(
            path.child("values"),
            "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
          ),
        );
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0)
        errors.push(
          fieldError.invalid(
            path.child("values"),
            values,
            "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
          ),
        );
      break;
    default:
      errors.push(fieldError.invalid(path.child("operator"), operator, "not a valid selector operator"));
  }
}

const opposites = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;

function checkConflicts(errors: FieldError[], path: FieldPath, scopes: readonly string[], shown: unknown): void {
  for (const [one, other] of opposites)
    if (scopes.includes(one) && scopes.includes(other))
      errors.push(fieldError.invalid(path, shown, "conflicting scopes"));
}
