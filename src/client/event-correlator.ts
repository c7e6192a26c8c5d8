import { LRUCache } from "lru-cache";
import type { Input } from "../api/draft.ts";
import type { Event } from "../api/types/core-v1.ts";
import { formatTime } from "../base/clock.ts";

/** An event on its way to the server, complete but for what the server fills in. */
export type DraftEvent = Input<Event> & {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly involvedObject: Event["involvedObject"];
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly message: string;
  readonly count: number;
};

/** What to do with an event: drop it, create it, or count it on one that exists. */
export type Correlation =
  | { readonly action: "skip" }
  | { readonly action: "create"; readonly event: DraftEvent }
  | { readonly action: "count"; readonly event: DraftEvent; readonly patch: EventPatch };

/** The fields that a repeated event changes. */
export interface EventPatch {
  readonly count: number;
  readonly lastTimestamp: string;
  readonly message: string;
}

/**
 * Keeps a component from flooding the server with events: equal ones are counted, the tenth similar one within ten
 * minutes stands for all that follow, and each object has a budget. Source: client-go's EventCorrelator.
 */
export interface EventCorrelator {
  correlate(event: DraftEvent, nowMs: number): Correlation;
  /** The server has stored the event: repeats are counted on it under the name that it has there. */
  stored(event: Event): void;
}

/** Keys that each of the three memories holds. */
const maxKeys = 4096;
/** Different messages of one reason before they are combined. */
const maxSimilar = 10;
const similarWindowMs = 600_000;
/** Events about one object that may come at once, and how often one more is allowed. */
const burst = 25;
const refillMs = 300_000;

interface Similar {
  readonly messages: Set<string>;
  lastMs: number;
}

interface Observed {
  readonly name: string;
  readonly count: number;
  readonly firstTimestamp: string;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Creates a correlator without memories. `nameFor` gives names for events made of several. */
export function createEventCorrelator(nameFor: (objectName: string, nowMs: number) => string): EventCorrelator {
  const similar = new LRUCache<string, Similar>({ max: maxKeys });
  const observed = new LRUCache<string, Observed>({ max: maxKeys });
  const buckets = new LRUCache<string, Bucket>({ max: maxKeys });

  const combine = (event: DraftEvent, nowMs: number): { event: DraftEvent; key: string } => {
    const groupKey = similarKey(event);
    const present = similar.get(groupKey);
    const group =
      present === undefined || nowMs - present.lastMs > similarWindowMs
        ? { messages: new Set<string>(), lastMs: 0 }
        : present;
    group.messages.add(event.message);
    group.lastMs = nowMs;
    similar.set(groupKey, group);
    if (group.messages.size < maxSimilar) return { event, key: equalKey(event) };
    for (const message of group.messages) {
      group.messages.delete(message);
      break;
    }
    const time = formatTime(nowMs);
    const metadata = { ...event.metadata, name: nameFor(event.involvedObject.name ?? "", nowMs) };
    const message = `(combined from similar events): ${event.message}`;
    return {
      event: { ...event, metadata, message, count: 1, firstTimestamp: time, lastTimestamp: time },
      key: groupKey,
    };
  };
  const count = (event: DraftEvent, key: string): Correlation => {
    const last = observed.get(key);
    if (last === undefined) {
      observed.set(key, observationOf(event));
      return { action: "create", event };
    }
    const { name, firstTimestamp } = last;
    const counted = { ...event, metadata: { ...event.metadata, name }, firstTimestamp, count: last.count + 1 };
    observed.set(key, observationOf(counted));
    const { lastTimestamp, message } = counted;
    return { action: "count", event: counted, patch: { count: counted.count, lastTimestamp, message } };
  };
  const spend = (event: DraftEvent, nowMs: number): boolean => {
    const key = budgetKey(event);
    const bucket = buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    bucket.tokens = Math.min(burst, bucket.tokens + (nowMs - bucket.atMs) / refillMs);
    bucket.atMs = nowMs;
    buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  };

  return {
    correlate(event, nowMs) {
      const combined = combine(event, nowMs);
      const correlation = count(combined.event, combined.key);
      return spend(event, nowMs) ? correlation : { action: "skip" };
    },
    stored(event) {
      const { metadata, count = 1, firstTimestamp } = event;
      observed.set(equalKey(event), { name: metadata.name, count, firstTimestamp: firstTimestamp ?? "" });
    },
  };
}

function observationOf(event: DraftEvent): Observed {
  return { name: event.metadata.name, count: event.count, firstTimestamp: event.firstTimestamp };
}

type Keyed = Pick<DraftEvent | Event, "source" | "involvedObject" | "type" | "reason" | "message">;

function budgetKey({ source, involvedObject, type }: Keyed): string {
  const { kind, namespace, name, uid, apiVersion } = involvedObject as Event["involvedObject"];
  return joined(source?.component, source?.host, kind, namespace, name, uid, apiVersion, type);
}

function similarKey(event: Keyed): string {
  return joined(budgetKey(event), event.reason);
}

function equalKey(event: Keyed): string {
  return joined(similarKey(event), event.involvedObject?.fieldPath, event.message);
}

function joined(...parts: readonly (string | null | undefined)[]): string {
  return parts.map((part) => part ?? "").join("\u0000");
}
