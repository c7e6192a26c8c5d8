import { type FieldError, type FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../api/names.ts";
import type {
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
  TypedObjectReference,
} from "../../api/types/core-v1.ts";
import { addFaults, checkAmount, checkLabelSelector, requireOneOf, requireText } from "../field-checks.ts";
import { warnOfFractions } from "../pod/warnings/fraction-warnings.ts";
import { isPositive } from "../resource-list.ts";

/** Ways in which a volume may be mounted. */
export const accessModes: readonly string[] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/** What a volume is to its containers. */
export const volumeModes: readonly string[] = ["Block", "Filesystem"];

/** What validation of a claim tolerates because the old one had it. */
export interface ClaimRules {
  readonly allowInvalidSelectorValues?: boolean;
  readonly allowInvalidSourceGroup?: boolean;
}

/** Checks a claim, that of a pod's ephemeral volume included. */
export function checkClaimSpec(
  errors: FieldError[],
  path: FieldPath,
  spec: PersistentVolumeClaimSpec,
  rules: ClaimRules = {},
): void {
  const modes = spec.accessModes ?? [];
  if (modes.length === 0)
    errors.push(fieldError.required(path.child("accessModes"), "at least 1 access mode is required"));
  checkLabelSelector(errors, path.child("selector"), spec.selector, {
    allowInvalidValues: rules.allowInvalidSelectorValues === true,
  });
  checkAccessModes(errors, path.child("accessModes"), modes);
  checkStorage(errors, path.child("resources").key("storage"), spec.resources.requests?.["storage"]);
  const { storageClassName = "", volumeAttributesClassName = "", volumeMode } = spec;
  if (storageClassName !== "")
    addFaults(errors, path.child("storageClassName"), storageClassName, checkDnsSubdomain(storageClassName));
  if (volumeMode !== undefined) requireOneOf(errors, path.child("volumeMode"), volumeMode, volumeModes);
  checkSources(errors, path, spec, rules);
  if (volumeAttributesClassName !== "")
    addFaults(
      errors,
      path.child("volumeAttributesClassName"),
      volumeAttributesClassName,
      checkDnsSubdomain(volumeAttributesClassName),
    );
}

/** Checks known modes, and that a volume for one pod alone is nothing else as well. */
export function checkAccessModes(errors: FieldError[], path: FieldPath, modes: readonly string[]): void {
  for (const mode of modes) requireOneOf(errors, path, mode, accessModes);
  const others = modes.filter((mode) => mode !== "ReadWriteOncePod" && accessModes.includes(mode));
  if (modes.includes("ReadWriteOncePod") && others.length > 0)
    errors.push(fieldError.forbidden(path, "may not use ReadWriteOncePod with other access modes"));
}

function checkStorage(errors: FieldError[], path: FieldPath, amount: string | undefined): void {
  if (amount === undefined) errors.push(fieldError.required(path));
  else if (!isPositive(amount)) errors.push(fieldError.invalid(path, amount, "must be greater than zero"));
  else checkAmount(errors, path, "storage", amount);
}

function checkSources(errors: FieldError[], path: FieldPath, spec: PersistentVolumeClaimSpec, rules: ClaimRules): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined) checkSource(errors, path.child("dataSource"), dataSource, rules);
  const namespace = dataSourceRef?.namespace ?? "";
  if (dataSourceRef !== undefined) {
    const place = path.child("dataSourceRef");
    checkSource(errors, place, dataSourceRef, rules);
    if (namespace !== "") addFaults(errors, place.child("namespace"), namespace, checkDnsLabel(namespace));
  }
  if (dataSource === undefined || dataSourceRef === undefined) return;
  // Upstream names the path where the value belongs, and a path has no form in JSON.
  if (namespace !== "")
    errors.push(fieldError.invalid(path, {}, "may not be specified when dataSourceRef.namespace is specified"));
  else if (!isSameSource(dataSource, dataSourceRef))
    errors.push(fieldError.invalid(path, {}, "must match dataSourceRef"));
}

function checkSource(
  errors: FieldError[],
  path: FieldPath,
  source: TypedLocalObjectReference | TypedObjectReference,
  rules: ClaimRules,
): void {
  const { name, kind } = source;
  const apiGroup = source.apiGroup ?? "";
  requireText(errors, path.child("name"), name);
  requireText(errors, path.child("kind"), kind);
  if (apiGroup === "" && kind !== "PersistentVolumeClaim")
    errors.push(
      fieldError.invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"),
    );
  if (apiGroup !== "" && rules.allowInvalidSourceGroup !== true)
    addFaults(errors, path.child("apiGroup"), apiGroup, checkDnsSubdomain(apiGroup));
}

function isSameSource(a: TypedLocalObjectReference, b: TypedObjectReference): boolean {
  return (a.apiGroup ?? "") === (b.apiGroup ?? "") && a.kind === b.kind && a.name === b.name;
}

/** Warns of sizes that are no whole number of bytes. */
export function warnOfClaimSpec(path: FieldPath, { resources }: PersistentVolumeClaimSpec): readonly string[] {
  const warnings: string[] = [];
  for (const list of ["requests", "limits"] as const)
    warnOfFractions(warnings, path.child("resources").child(list), resources[list] ?? {}, "storage");
  return warnings;
}
