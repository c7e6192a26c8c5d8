import { flowSchemas } from "../../api/resources.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

const defaultPrecedence = 1000;

/** Which requests share a queue. */
export const flowSchemaDefinition = defineResource({
  resource: flowSchemas,
  applyDefaults: ({ spec }) => {
    spec.matchingPrecedence ||= defaultPrecedence;
  },
  table: {
    columns: [
      nameColumn,
      textColumn("PriorityLevel"),
      textColumn("MatchingPrecedence"),
      textColumn("DistinguisherMethod"),
      ageColumn,
      textColumn("MissingPL"),
    ],
    row: (schema, { nowMs }) => [
      schema.metadata.name,
      schema.spec.priorityLevelConfiguration.name,
      schema.spec.matchingPrecedence,
      schema.spec.distinguisherMethod?.type ?? "<none>",
      objectAge(schema, nowMs),
      schema.status.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?",
    ],
  },
});
