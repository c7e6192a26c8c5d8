import type { Draft } from "../../api/draft.ts";
import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { namespaces } from "../../api/resources.ts";
import type { Namespace } from "../../api/types/core-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { checkFinalizer } from "../finalizer-name.ts";

/** The label by which selectors find a namespace of a given name. */
const nameLabel = "kubernetes.io/metadata.name";

/** What keeps a namespace until everything in it is gone. */
const kubernetesFinalizer = "kubernetes";

const finalizersPath = FieldPath.of("spec").child("finalizers");

/** A part of the cluster with names of its own. */
export const namespaceDefinition = defineResource({
  resource: namespaces,
  nameRule: "dnsLabel",
  countsGeneration: false,
  applyDefaults: (draft) => {
    labelWithName(draft);
    draft.status.phase ??= "Active";
  },
  prepareForCreate: (draft) => {
    draft.status = { phase: "Active" };
    const finalizers = draft.spec.finalizers ?? [];
    if (!finalizers.includes(kubernetesFinalizer)) draft.spec.finalizers = [...finalizers, kubernetesFinalizer];
  },
  prepareForUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<Namespace["spec"]>;
    draft.status = old.status as Draft<Namespace["status"]>;
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<Namespace["spec"]>;
  },
  canonicalize: labelWithName,
  validate: ({ spec }) => {
    const errors: FieldError[] = [];
    for (const name of spec.finalizers ?? []) checkFinalizer(errors, finalizersPath, name);
    return errors;
  },
  validateStatusUpdate: validatePhase,
  subresourceUpdates: {
    finalize: {
      prepare: (draft, old) => {
        draft.status = old.status as Draft<Namespace["status"]>;
      },
      validate: ({ spec }) => {
        const errors: FieldError[] = [];
        for (const [index, name] of (spec.finalizers ?? []).entries())
          checkFinalizer(errors, finalizersPath.index(index), name);
        return errors;
      },
    },
  },
  selectableFields: { "status.phase": (object) => object.status.phase ?? "" },
  table: {
    columns: [nameColumn, textColumn("Status"), ageColumn],
    row: (object, { nowMs }) => [object.metadata.name, object.status.phase ?? "", objectAge(object, nowMs)],
  },
});

function validatePhase({ metadata, status }: Namespace): FieldError[] {
  const isGoing = metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== null;
  const expected = isGoing ? "Terminating" : "Active";
  if (status.phase === expected) return [];
  const detail = `may only be '${expected}' if \`deletionTimestamp\` is ${isGoing ? "not empty" : "empty"}`;
  return [fieldError.invalid(FieldPath.of("status").child("Phase"), status.phase ?? "", detail)];
}

function labelWithName(draft: Draft<Namespace>): void {
  if ((draft.metadata.name ?? "") === "") return;
  draft.metadata.labels ??= Object.create(null) as Record<string, string>;
  draft.metadata.labels[nameLabel] = draft.metadata.name;
}
