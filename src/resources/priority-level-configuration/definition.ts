import { priorityLevelConfigurations } from "../../api/resources.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

const defaultShares = 30;
const defaultQueues = 64;
const defaultHandSize = 8;
const defaultQueueLength = 50;

/** How many requests are served at once. */
export const priorityLevelConfigurationDefinition = defineResource({
  resource: priorityLevelConfigurations,
  applyDefaults: ({ spec: { exempt, limited } }) => {
    if (exempt !== undefined) {
      exempt.nominalConcurrencyShares ??= 0;
      exempt.lendablePercent ??= 0;
    }
    if (limited === undefined) return;
    limited.nominalConcurrencyShares ??= defaultShares;
    limited.lendablePercent ??= 0;
    const { queuing } = limited.limitResponse;
    if (queuing === undefined) return;
    queuing.queues ||= defaultQueues;
    queuing.handSize ||= defaultHandSize;
    queuing.queueLengthLimit ||= defaultQueueLength;
  },
  table: {
    columns: [
      nameColumn,
      textColumn("Type"),
      textColumn("NominalConcurrencyShares"),
      textColumn("Queues"),
      textColumn("HandSize"),
      textColumn("QueueLengthLimit"),
      ageColumn,
    ],
    row: (level, { nowMs }) => {
      const { type, limited } = level.spec;
      const queuing = limited?.limitResponse.queuing;
      return [
        level.metadata.name,
        type,
        limited?.nominalConcurrencyShares ?? "<none>",
        queuing?.queues ?? "<none>",
        queuing?.handSize ?? "<none>",
        queuing?.queueLengthLimit ?? "<none>",
        objectAge(level, nowMs),
      ];
    },
  },
});
