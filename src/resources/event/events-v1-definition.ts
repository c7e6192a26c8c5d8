import { events, eventsV1 } from "../../api/resources.ts";
import type { Event as CoreEvent } from "../../api/types/core-v1.ts";
import type { Event } from "../../api/types/events-v1.ts";
import { defineResource } from "../definition.ts";
import { validateStrictEvent, validateStrictEventUpdate } from "./validation.ts";

/** Events under the names of the group `events.k8s.io`, which is stricter about new ones. */
export const eventV1Definition = defineResource({
  resource: eventsV1,
  selectableFields: {
    "regarding.kind": ({ regarding }) => regarding.kind ?? "",
    "regarding.namespace": ({ regarding }) => regarding.namespace ?? "",
    "regarding.name": ({ regarding }) => regarding.name ?? "",
    "regarding.uid": ({ regarding }) => regarding.uid ?? "",
    "regarding.apiVersion": ({ regarding }) => regarding.apiVersion ?? "",
    "regarding.resourceVersion": ({ regarding }) => regarding.resourceVersion ?? "",
    "regarding.fieldPath": ({ regarding }) => regarding.fieldPath ?? "",
    reason: ({ reason = "" }) => reason,
    reportingController: ({ reportingController = "" }) => reportingController,
    type: ({ type = "" }) => type,
  },
  conversion: {
    storage: events,
    toStored: toCoreEvent,
    fromStored: fromCoreEvent,
    validateCreate: validateStrictEvent,
    validateUpdate: validateStrictEventUpdate,
  },
});

function toCoreEvent(event: Event): CoreEvent {
  const {
    regarding,
    note,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    reportingController = "",
    reportingInstance = "",
    ...same
  } = event;
  return {
    ...same,
    apiVersion: "v1",
    involvedObject: regarding,
    ...(note !== undefined && { message: note }),
    source: deprecatedSource,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    ...(deprecatedCount !== undefined && { count: deprecatedCount }),
    reportingComponent: reportingController,
    reportingInstance,
  };
}

function fromCoreEvent(event: CoreEvent): Event {
  const {
    involvedObject,
    message,
    source,
    firstTimestamp,
    lastTimestamp,
    count,
    reportingComponent,
    reportingInstance,
    series,
    ...same
  } = event;
  return {
    ...same,
    apiVersion: "events.k8s.io/v1",
    ...(series && { series: { count: series.count ?? 0, lastObservedTime: series.lastObservedTime } }),
    ...(reportingComponent !== "" && { reportingController: reportingComponent }),
    ...(reportingInstance !== "" && { reportingInstance }),
    regarding: involvedObject,
    ...(message !== undefined && { note: message }),
    deprecatedSource: source,
    deprecatedFirstTimestamp: firstTimestamp,
    deprecatedLastTimestamp: lastTimestamp,
    ...(count !== undefined && { deprecatedCount: count }),
  };
}
