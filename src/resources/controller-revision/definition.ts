import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { isJsonObject } from "../../api/json-value.ts";
import { controllerRevisions } from "../../api/resources.ts";
import type { ControllerRevision } from "../../api/types/apps-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { requireNonNegative, requireSame } from "../field-checks.ts";

const dataPath = FieldPath.of("data");
const revisionPath = FieldPath.of("revision");

/** What a workload once was, so that it can be so again. */
export const controllerRevisionDefinition = defineResource({
  resource: controllerRevisions,
  countsGeneration: false,
  validate: ({ revision, data }) => {
    const errors: FieldError[] = [];
    requireNonNegative(errors, revisionPath, revision);
    if (data === undefined || data === null) errors.push(fieldError.required(dataPath, "data is mandatory"));
    else if (!isJsonObject(data)) errors.push(fieldError.required(dataPath, "data must be a valid JSON object"));
    return errors;
  },
  validateUpdate: (revision, old) => {
    const errors: FieldError[] = [];
    requireNonNegative(errors, revisionPath, revision.revision);
    requireSame(errors, dataPath, revision.data, old.data);
    return errors;
  },
  validatesWholeUpdate: true,
  table: {
    columns: [nameColumn, textColumn("Controller"), textColumn("Revision"), ageColumn],
    row: (revision, { nowMs }) => [
      revision.metadata.name,
      controllerCell(revision),
      revision.revision,
      objectAge(revision, nowMs),
    ],
  },
});

/** For example `daemonset.apps/name`. */
function controllerCell({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return "<none>";
  const slash = owner.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : `.${owner.apiVersion.slice(0, slash)}`;
  return `${`${owner.kind}${group}`.toLowerCase()}/${owner.name}`;
}
