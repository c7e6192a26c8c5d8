import { FieldPath } from "../../api/field-error.ts";
import { limitRanges } from "../../api/resources.ts";
import { createUid } from "../../base/ids.ts";
import { nameColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { applyLimitDefaults } from "./defaults.ts";
import { checkLimits } from "./validation.ts";

/** Bounds and defaults of what pods, containers and claims of a namespace may use. */
export const limitRangeDefinition = defineResource({
  resource: limitRanges,
  countsGeneration: false,
  allowCreateOnUpdate: true,
  applyDefaults: (draft) => {
    for (const limit of draft.spec.limits ?? []) applyLimitDefaults(limit);
  },
  prepareForCreate: (draft, { random }) => {
    if ((draft.metadata.name ?? "") === "") draft.metadata.name = createUid(random);
  },
  validate: ({ spec }) => checkLimits(spec.limits ?? [], FieldPath.of("spec").child("limits")),
  table: {
    columns: [nameColumn, { name: "Created At", type: "date" }],
    row: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
  },
});
