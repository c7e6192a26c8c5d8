import type { Draft } from "../../api/draft.ts";
import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsSubdomain, checkLabelKey } from "../../api/names.ts";
import { compareQuantities, quantityValue } from "../../api/quantity.ts";
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from "../../api/types/core-v1.ts";
import { addFaults, checkAmount, checkLabelSelector, immutableFault, requireSame, sameValue } from "../field-checks.ts";
import { diffInternalForms, toInternalForm } from "../internal-form/internal-form.ts";
import { isNativeResource } from "../resource-names.ts";
import { betaStorageClass } from "./cells.ts";
import { type ClaimRules, checkClaimSpec } from "./claim-spec.ts";
import { alignDataSources } from "./data-sources.ts";

const specPath = FieldPath.of("spec");
const statusPath = FieldPath.of("status");
const storagePath = specPath.child("resources").child("requests").child("storage");
const classPath = specPath.child("volumeAttributesClassName");
const resizeStates = [
  "ControllerResizeInProgress",
  "ControllerResizeInfeasible",
  "NodeResizeInProgress",
  "NodeResizeInfeasible",
  "NodeResizePending",
].sort();

/** What is wrong with a new claim. */
export function validatePersistentVolumeClaim({ spec }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = [];
  checkClaimSpec(errors, specPath, spec);
  return errors;
}

/** What is wrong with a change of a claim: it may be bound, and grow, and little else. */
export function validatePersistentVolumeClaimUpdate(
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): FieldError[] {
  const errors: FieldError[] = [];
  checkClaimSpec(errors, specPath, claim.spec, rulesFor(old.spec));
  const oldSpec = { ...old.spec } as Draft<PersistentVolumeClaimSpec>;
  alignDataSources(oldSpec);
  checkFrozenFields(errors, claim, { ...old, spec: oldSpec as PersistentVolumeClaimSpec });
  checkSize(errors, claim, old);
  requireSame(errors, FieldPath.of("volumeMode"), claim.spec.volumeMode, old.spec.volumeMode);
  checkAttributesClass(errors, claim.spec.volumeAttributesClassName, old);
  return errors;
}

/** What is wrong with what is told of a claim. */
export function validatePersistentVolumeClaimStatusUpdate({ spec, status }: PersistentVolumeClaim): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.accessModes ?? []).length === 0)
    errors.push(fieldError.required(FieldPath.of("Spec").child("accessModes")));
  for (const name of Object.keys(status.capacity ?? {}))
    checkBasicAmount(errors, statusPath.child("capacity").key(name), status.capacity?.[name] as string);
  const statesPath = statusPath.child("allocatedResourceStatuses");
  for (const name of Object.keys(status.allocatedResourceStatuses ?? {})) {
    checkResourceKey(errors, statesPath, name);
    if (!resizeStates.includes(status.allocatedResourceStatuses?.[name] ?? ""))
      errors.push(fieldError.notSupported(statesPath, name, resizeStates));
  }
  const allocatedPath = statusPath.child("allocatedResources");
  for (const name of Object.keys(status.allocatedResources ?? {})) {
    const amount = status.allocatedResources?.[name] as string;
    if (!checkResourceKey(errors, allocatedPath, name)) continue;
    if (checkBasicAmount(errors, allocatedPath.key(name), amount))
      checkAmount(errors, allocatedPath.key(name), "storage", amount);
  }
  return errors;
}

function rulesFor(old: PersistentVolumeClaimSpec): ClaimRules {
  const faults: FieldError[] = [];
  checkLabelSelector(faults, specPath, old.selector);
  const groups = [old.dataSource?.apiGroup, old.dataSourceRef?.apiGroup];
  return {
    allowInvalidSelectorValues: faults.length > 0,
    allowInvalidSourceGroup: groups.some((group) => (group ?? "") !== "" && checkDnsSubdomain(group ?? "").length > 0),
  };
}

function checkFrozenFields(errors: FieldError[], claim: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const before: Record<string, unknown> = { ...old.spec };
  const after: Record<string, unknown> = { ...claim.spec };
  if ((old.spec.volumeName ?? "") === "") before["volumeName"] = claim.spec.volumeName;
  const named = claim.metadata.annotations?.[betaStorageClass];
  const wasNamed = old.metadata.annotations?.[betaStorageClass];
  const { storageClassName } = claim.spec;
  const isNewlyNamed = storageClassName !== undefined && old.spec.storageClassName === undefined;
  if (isNewlyNamed && wasNamed === storageClassName && (named === undefined || named === wasNamed))
    delete after["storageClassName"];
  else {
    if ((named ?? "") !== (wasNamed ?? ""))
      errors.push(
        fieldError.invalid(
          FieldPath.of("metadata").child("annotations").child(betaStorageClass),
          named ?? "",
          immutableFault,
        ),
      );
    if (isNewlyNamed && (wasNamed === undefined || wasNamed === storageClassName))
      after["storageClassName"] = old.spec.storageClassName;
  }
  if (claim.status.phase === "Bound") {
    const { requests } = claim.spec.resources;
    if (requests !== undefined)
      after["resources"] = {
        ...claim.spec.resources,
        requests: { ...requests, storage: old.spec.resources.requests?.["storage"] ?? "0" },
      };
    after["volumeAttributesClassName"] = old.spec.volumeAttributesClassName;
  }
  if (sameValue(after, before)) return;
  const type = "PersistentVolumeClaimSpec";
  const difference = diffInternalForms(toInternalForm(type, before), toInternalForm(type, after));
  errors.push(
    fieldError.forbidden(
      specPath,
      `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${difference}`,
    ),
  );
}

/** A claim that could not grow may be made smaller again, but not as small as what there is. */
function checkSize(errors: FieldError[], claim: PersistentVolumeClaim, old: PersistentVolumeClaim): void {
  const size = claim.spec.resources.requests?.["storage"] ?? "0";
  if (compareQuantities(size, old.spec.resources.requests?.["storage"] ?? "0") >= 0) return;
  if (compareQuantities(size, old.status.capacity?.["storage"] ?? "0") <= 0)
    errors.push(fieldError.forbidden(storagePath, "field can not be less than status.capacity"));
}

function checkAttributesClass(errors: FieldError[], name: string | undefined, old: PersistentVolumeClaim): void {
  if (old.status.currentVolumeAttributesClassName === undefined || name === old.spec.volumeAttributesClassName) return;
  const cause = "is forbidden when status.currentVolumeAttributesClassName is not nil";
  if (name === undefined) errors.push(fieldError.forbidden(classPath, `update to nil ${cause}`));
  else if (name === "") errors.push(fieldError.forbidden(classPath, `update to empty string ${cause}`));
}

function checkBasicAmount(errors: FieldError[], path: FieldPath, amount: string): boolean {
  const value = quantityValue(amount);
  if (value >= 0) return true;
  errors.push(fieldError.invalid(path, value, "must be a valid resource quantity"));
  return false;
}

function checkResourceKey(errors: FieldError[], path: FieldPath, name: string): boolean {
  const faults = checkLabelKey(name);
  addFaults(errors, path, name, faults);
  if (faults.length > 0) return false;
  if (!isNativeResource(name) || name === "storage") return true;
  errors.push(fieldError.notSupported(path, name, ["storage"]));
  return false;
}
