import { events } from "../../api/resources.ts";
import type { Event } from "../../api/types/core-v1.ts";
import { humanAge } from "../../printing/duration.ts";
import { textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { validateEvent } from "./validation.ts";

/** How long events are kept. */
const eventTtlSeconds = 60 * 60;

/** Something that happened, told to users. */
export const eventDefinition = defineResource({
  resource: events,
  countsGeneration: false,
  allowCreateOnUpdate: true,
  ttlSeconds: eventTtlSeconds,
  validate: validateEvent,
  selectableFields: {
    "involvedObject.kind": (event) => event.involvedObject.kind ?? "",
    "involvedObject.namespace": (event) => event.involvedObject.namespace ?? "",
    "involvedObject.name": (event) => event.involvedObject.name ?? "",
    "involvedObject.uid": (event) => event.involvedObject.uid ?? "",
    "involvedObject.apiVersion": (event) => event.involvedObject.apiVersion ?? "",
    "involvedObject.resourceVersion": (event) => event.involvedObject.resourceVersion ?? "",
    "involvedObject.fieldPath": (event) => event.involvedObject.fieldPath ?? "",
    reason: (event) => event.reason ?? "",
    reportingComponent: (event) => event.reportingComponent,
    source: (event) => event.source.component ?? event.reportingComponent,
    type: (event) => event.type ?? "",
  },
  table: {
    columns: [
      textColumn("Last Seen"),
      textColumn("Type"),
      textColumn("Reason"),
      textColumn("Object"),
      textColumn("Subobject", 1),
      textColumn("Source", 1),
      textColumn("Message"),
      textColumn("First Seen", 1),
      textColumn("Count", 1),
      { name: "Name", type: "string", format: "name", priority: 1 },
    ],
    row: (event, { nowMs }) => {
      const first = event.firstTimestamp ?? event.eventTime;
      const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? first;
      return [
        humanAge(last, nowMs),
        event.type ?? "",
        event.reason ?? "",
        targetCell(event),
        event.involvedObject.fieldPath ?? "",
        sourceCell(event),
        (event.message ?? "").trim(),
        humanAge(first, nowMs),
        // Events that happened once have no count in the newer form.
        event.series?.count ?? (event.count || 1),
        event.metadata.name,
      ];
    },
  },
});

function targetCell({ involvedObject: { kind = "", name = "" } }: Event): string {
  return name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`;
}

function sourceCell(event: Event): string {
  const component = event.source.component || event.reportingComponent;
  const instance = event.source.host || event.reportingInstance;
  return instance === "" ? component : `${component}, ${instance}`;
}
