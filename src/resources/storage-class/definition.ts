import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkLabelKey } from "../../api/names.ts";
import { storageClasses } from "../../api/resources.ts";
import type { TopologySelectorTerm } from "../../api/types/core-v1.ts";
import type { StorageClass } from "../../api/types/storage-v1.ts";
import { utf8Length } from "../../api/utf8.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { addFaults, immutableFault, requireOneOf, requireSame, requireText, sameValue } from "../field-checks.ts";
import { nodeLabelDeprecation } from "../node/label-warnings.ts";
import { sortedMap } from "../pod-selector.ts";

const provisionerPath = FieldPath.of("provisioner");
const parametersPath = FieldPath.of("parameters");
const reclaimPath = FieldPath.of("reclaimPolicy");
const bindingPath = FieldPath.of("volumeBindingMode");
const topologiesPath = FieldPath.of("allowedTopologies");
const defaultAnnotations = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];
const maxParameters = 512;
const maxParameterBytes = 256 * 1024;

/** A way to get storage. */
export const storageClassDefinition = defineResource({
  resource: storageClasses,
  countsGeneration: false,
  applyDefaults: (draft) => {
    draft.reclaimPolicy ??= "Delete";
    draft.volumeBindingMode ??= "Immediate";
  },
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  validatesWholeUpdate: true,
  warnings: warnOfTopologies,
  table: {
    columns: [
      nameColumn,
      textColumn("Provisioner"),
      textColumn("ReclaimPolicy"),
      textColumn("VolumeBindingMode"),
      textColumn("AllowVolumeExpansion"),
      ageColumn,
    ],
    row: (storageClass, { nowMs }) => [
      isDefault(storageClass) ? `${storageClass.metadata.name} (default)` : storageClass.metadata.name,
      storageClass.provisioner,
      storageClass.reclaimPolicy ?? "Delete",
      storageClass.volumeBindingMode ?? "Immediate",
      storageClass.allowVolumeExpansion ?? false,
      objectAge(storageClass, nowMs),
    ],
  },
});

function isDefault({ metadata }: StorageClass): boolean {
  return defaultAnnotations.some((name) => metadata.annotations?.[name] === "true");
}

function validateStorageClass(storageClass: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  const { provisioner, parameters = {}, reclaimPolicy = "", allowedTopologies = [] } = storageClass;
  if (requireText(errors, provisionerPath, provisioner)) {
    const name = provisioner.toLowerCase();
    addFaults(errors, provisionerPath, name, checkLabelKey(name));
  }
  checkParameters(errors, parameters);
  if (reclaimPolicy !== "") requireOneOf(errors, reclaimPath, reclaimPolicy, ["Delete", "Retain"]);
  requireOneOf(errors, bindingPath, storageClass.volumeBindingMode, ["Immediate", "WaitForFirstConsumer"]);
  checkTopologies(errors, allowedTopologies);
  return errors;
}

function validateStorageClassUpdate(storageClass: StorageClass, old: StorageClass): FieldError[] {
  const errors: FieldError[] = [];
  const { parameters } = storageClass;
  if (!sameValue(parameters, old.parameters))
    errors.push(
      fieldError.invalid(parametersPath, parameters === undefined ? null : sortedMap(parameters), immutableFault),
    );
  requireSame(errors, provisionerPath, storageClass.provisioner, old.provisioner);
  requireSame(errors, reclaimPath, storageClass.reclaimPolicy, old.reclaimPolicy);
  requireSame(errors, bindingPath, storageClass.volumeBindingMode, old.volumeBindingMode);
  return errors;
}

function checkParameters(errors: FieldError[], parameters: Readonly<Record<string, string>>): void {
  const names = Object.keys(parameters);
  if (names.length > maxParameters) {
    errors.push(fieldError.tooLong(parametersPath, maxParameters));
    return;
  }
  if (names.includes("")) errors.push(fieldError.invalid(parametersPath, "", "field can not be empty."));
  const bytes = names.reduce((sum, name) => sum + utf8Length(name) + utf8Length(parameters[name] as string), 0);
  if (bytes > maxParameterBytes) errors.push(fieldError.tooLong(parametersPath, maxParameterBytes));
}

function checkTopologies(errors: FieldError[], terms: readonly TopologySelectorTerm[]): void {
  const known: unknown[] = [];
  for (const [index, { matchLabelExpressions = [] }] of terms.entries()) {
    const path = topologiesPath.index(index).child("matchLabelExpressions");
    const values: Record<string, readonly string[]> = {};
    for (const [position, requirement] of matchLabelExpressions.entries()) {
      const place = path.index(position);
      values[requirement.key] = checkRequirement(errors, place, requirement, Object.hasOwn(values, requirement.key));
    }
    for (const other of known) if (sameValue(other, values)) errors.push(fieldError.duplicate(path, ""));
    known.push(values);
  }
}

/** @returns the values, each once and in order */
function checkRequirement(
  errors: FieldError[],
  path: FieldPath,
  { key, values }: { readonly key: string; readonly values: readonly string[] | null },
  isRepeated: boolean,
): readonly string[] {
  const list = values ?? [];
  const valuesPath = path.child("values");
  if (list.length === 0) errors.push(fieldError.required(valuesPath));
  for (const [index, value] of list.entries())
    if (list.indexOf(value) < index) errors.push(fieldError.duplicate(valuesPath.index(index), value));
  addFaults(errors, path.child("key"), key, checkLabelKey(key));
  if (isRepeated) errors.push(fieldError.duplicate(path.child("key"), key));
  return [...new Set(list)].sort();
}

function warnOfTopologies({ allowedTopologies = [] }: StorageClass): readonly string[] {
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }, index) =>
    matchLabelExpressions.flatMap(({ key }, position) => {
      const deprecation = nodeLabelDeprecation(key);
      const path = topologiesPath.index(index).child("matchLabelExpressions").index(position).child("key");
      return deprecation === undefined ? [] : [`${path}: ${deprecation}`];
    }),
  );
}
