// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { EventSource, ObjectReference } from "./core-v1.ts";
import type { ListMeta } from "./meta-v1.ts";
import type { NamespacedObjectMeta } from "../metadata.ts";

export interface Event {
  readonly apiVersion: "events.k8s.io/v1";
  readonly kind: "Event";
  readonly metadata: NamespacedObjectMeta;
  readonly eventTime: string | null;
  readonly series?: EventSeries;
  readonly reportingController?: string;
  readonly reportingInstance?: string;
  readonly action?: string;
  readonly reason?: string;
  readonly regarding: ObjectReference;
  readonly related?: ObjectReference;
  readonly note?: string;
  readonly type?: string;
  readonly deprecatedSource: EventSource;
  readonly deprecatedFirstTimestamp: string | null;
  readonly deprecatedLastTimestamp: string | null;
  readonly deprecatedCount?: number;
}

export interface EventList {
  readonly apiVersion: "events.k8s.io/v1";
  readonly kind: "EventList";
  readonly metadata: ListMeta;
  readonly items: readonly Event[];
}

export interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: string | null;
}
