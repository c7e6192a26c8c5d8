import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsSubdomain, checkLabelValue } from "../../api/names.ts";
import { quantityValue } from "../../api/quantity.ts";
import type { PersistentVolume, PersistentVolumeSpec, VolumeNodeAffinity } from "../../api/types/core-v1.ts";
import { addFaults, immutableFault, requireOneOf, requireSame, sameValue } from "../field-checks.ts";
import { diffInternalForms, toInternalForm } from "../internal-form/internal-form.ts";
import { checkAccessModes, volumeModes } from "../persistent-volume-claim/claim-spec.ts";
import { checkNodeSelector } from "../pod/validation/node-affinity.ts";
import { sortedMap } from "../pod-selector.ts";
import { isPositive } from "../resource-list.ts";
import { checkVolumeSource, sourceFieldsOf } from "./sources.ts";

const specPath = FieldPath.of("spec");
const classPath = specPath.child("volumeAttributesClassName");
const reclaimPolicies = ["Delete", "Recycle", "Retain"];
const mountOptions = "volume.beta.kubernetes.io/mount-options";

/** Sources that are mounted with options. */
const mountable = [
  "gcePersistentDisk",
  "awsElasticBlockStore",
  "glusterfs",
  "nfs",
  "rbd",
  "quobyte",
  "iscsi",
  "cinder",
  "cephfs",
  "azureFile",
  "vsphereVolume",
  "azureDisk",
  "photonPersistentDisk",
] as const;

/** Labels of nodes by their newer names. */
const newerLabels: ReadonlyMap<string, string> = new Map([
  ["beta.kubernetes.io/os", "kubernetes.io/os"],
  ["beta.kubernetes.io/arch", "kubernetes.io/arch"],
  ["failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone"],
  ["failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region"],
  ["beta.kubernetes.io/instance-type", "node.kubernetes.io/instance-type"],
]);

/** What is wrong with a new volume. */
export function validatePersistentVolume(volume: PersistentVolume): FieldError[] {
  return validate(volume, undefined);
}

/** What is wrong with a change of a volume: where it is stays. */
export function validatePersistentVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validate(volume, old);
  const { spec } = volume;
  const { spec: oldSpec } = old;
  const before = sourceFieldsOf(oldSpec);
  const after = sourceFieldsOf(mayGainExpandSecret(spec, oldSpec) ? withoutExpandSecret(spec) : spec);
  if (!sameValue(after, before)) {
    const type = "PersistentVolumeSource";
    const difference = diffInternalForms(toInternalForm(type, before), toInternalForm(type, after));
    errors.push(
      fieldError.forbidden(
        specPath.child("persistentvolumesource"),
        `spec.persistentvolumesource is immutable after creation\n${difference}`,
      ),
    );
  }
  requireSame(errors, FieldPath.of("volumeMode"), spec.volumeMode, oldSpec.volumeMode);
  checkAffinityChange(errors, spec.nodeAffinity, oldSpec.nodeAffinity);
  if (oldSpec.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined)
    errors.push(fieldError.forbidden(classPath, "update from non-nil value to nil is forbidden"));
  return errors;
}

function validate(volume: PersistentVolume, old: PersistentVolume | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const { spec, metadata } = volume;
  if ((spec.accessModes ?? []).length === 0) errors.push(fieldError.required(specPath.child("accessModes")));
  checkAccessModes(errors, specPath.child("accessModes"), spec.accessModes ?? []);
  checkCapacity(errors, specPath.child("capacity"), spec.capacity);
  const policyPath = specPath.child("persistentVolumeReclaimPolicy");
  requireOneOf(errors, policyPath, spec.persistentVolumeReclaimPolicy, reclaimPolicies);
  if (spec.nodeAffinity !== undefined)
    checkAffinity(errors, specPath.child("nodeAffinity"), spec.nodeAffinity, hasInvalidValues(old?.spec.nodeAffinity));
  checkVolumeSource(errors, volume);
  if (spec.hostPath !== undefined && spec.persistentVolumeReclaimPolicy === "Recycle" && isRoot(spec.hostPath.path))
    errors.push(fieldError.forbidden(policyPath, "may not be 'recycle' for a hostPath mount of '/'"));
  const { storageClassName = "" } = spec;
  if (storageClassName !== "")
    addFaults(errors, specPath.child("storageClassName"), storageClassName, checkDnsSubdomain(storageClassName));
  requireOneOf(errors, specPath.child("volumeMode"), spec.volumeMode, volumeModes);
  checkAttributesClass(errors, spec);
  if (metadata.annotations?.[mountOptions] !== undefined && !mountable.some((field) => spec[field] !== undefined))
    errors.push(
      fieldError.forbidden(
        FieldPath.of("metadata").child("annotations").child(mountOptions),
        "may not specify mount options for this volume type",
      ),
    );
  return errors;
}

function checkCapacity(
  errors: FieldError[],
  path: FieldPath,
  capacity: Readonly<Record<string, string>> | undefined,
): void {
  const names = Object.keys(capacity ?? {});
  if (names.length === 0) errors.push(fieldError.required(path));
  if (!names.includes("storage") || names.length > 1)
    errors.push(fieldError.notSupported(path, capacity === undefined ? null : sortedMap(capacity), ["storage"]));
  for (const name of names) {
    const amount = capacity?.[name] as string;
    if (quantityValue(amount) < 0)
      errors.push(fieldError.invalid(path.key(name), quantityValue(amount), "must be a valid resource quantity"));
    if (!isPositive(amount)) errors.push(fieldError.invalid(path.key(name), amount, "must be greater than zero"));
  }
}

function checkAffinity(
  errors: FieldError[],
  path: FieldPath,
  { required }: VolumeNodeAffinity,
  allowInvalidValues: boolean,
): void {
  const place = path.child("required");
  if (required === undefined) errors.push(fieldError.required(place, "must specify required node constraints"));
  else checkNodeSelector(errors, place, required, allowInvalidValues);
}

function hasInvalidValues(affinity: VolumeNodeAffinity | undefined): boolean {
  const values = affinity?.required?.nodeSelectorTerms?.flatMap((term) =>
    (term.matchExpressions ?? []).flatMap((requirement) => requirement.values ?? []),
  );
  return values?.some((value) => checkLabelValue(value).length > 0) ?? false;
}

function isRoot(path: string): boolean {
  return path.startsWith("/") && path.split("/").every((part) => part === "" || part === ".");
}

function checkAttributesClass(
  errors: FieldError[],
  { volumeAttributesClassName: name, csi }: PersistentVolumeSpec,
): void {
  if (name === undefined) return;
  if (name === "") errors.push(fieldError.required(classPath, "an empty string is disallowed"));
  else addFaults(errors, classPath, name, checkDnsSubdomain(name));
  if (csi === undefined)
    errors.push(fieldError.required(specPath.child("csi"), "has to be specified when using volumeAttributesClassName"));
}

/** The secret for growing a volume may be given later. */
function mayGainExpandSecret(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): boolean {
  return old.csi !== undefined && old.csi.controllerExpandSecretRef === undefined && spec.csi !== undefined;
}

function withoutExpandSecret(spec: PersistentVolumeSpec): PersistentVolumeSpec {
  if (spec.csi === undefined) return spec;
  const { controllerExpandSecretRef: _dropped, ...csi } = spec.csi;
  return { ...spec, csi };
}

/** Where a volume can be reached from stays, once it is said; labels may take their newer names. */
function checkAffinityChange(
  errors: FieldError[],
  affinity: VolumeNodeAffinity | undefined,
  old: VolumeNodeAffinity | undefined,
): void {
  if (old === undefined || sameValue(affinity, old) || sameValue(affinity, withNewerLabels(old, affinity))) return;
  const form = affinity === undefined ? null : toInternalForm("VolumeNodeAffinity", affinity);
  errors.push(
    fieldError.invalid(
      FieldPath.of("nodeAffinity"),
      form,
      `${immutableFault}, except for updating from beta label to GA`,
    ),
  );
}

/** The old affinity, with the newer name of a label wherever the new affinity has it. */
function withNewerLabels(old: VolumeNodeAffinity, affinity: VolumeNodeAffinity | undefined): VolumeNodeAffinity {
  const terms = old.required?.nodeSelectorTerms?.map((term, index) => ({
    ...term,
    ...(term.matchExpressions === undefined
      ? {}
      : {
          matchExpressions: term.matchExpressions.map((requirement, position) => {
            const key = affinity?.required?.nodeSelectorTerms?.[index]?.matchExpressions?.[position]?.key;
            const newer = newerLabels.get(requirement.key);
            return newer !== undefined && newer === key ? { ...requirement, key: newer } : requirement;
          }),
        }),
  }));
  return old.required === undefined ? old : { required: { nodeSelectorTerms: terms ?? null } };
}
