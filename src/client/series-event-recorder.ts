import type { Input } from "../api/draft.ts";
import type { ApiObject } from "../api/metadata.ts";
import { eventsV1 } from "../api/resources.ts";
import { hasReason, StatusError } from "../api/status-error.ts";
import type { ObjectReference } from "../api/types/core-v1.ts";
import type { Event } from "../api/types/events-v1.ts";
import { type Clock, formatMicroTime, sleep, type Timer } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "./client.ts";
import { createEventNames, referenceTo } from "./event-recorder.ts";

/** Tells users what a component does, in the form of events.k8s.io: repeated events become a series. */
export interface SeriesEventRecorder {
  /**
   * Notes that `action` was taken on `regarding`. Never throws and never waits.
   * @param related a second object that has to do with it
   */
  record(
    regarding: ApiObject | ObjectReference,
    related: ApiObject | ObjectReference | undefined,
    type: "Normal" | "Warning",
    reason: string,
    action: string,
    note: string,
  ): void;
}

/** A series in which nothing happened for this long is over; its last count is written then. Source: client-go. */
const finishMs = 6 * 60_000;
/** A running series is written this often. */
const refreshMs = 30 * 60_000;
/** Events remembered; the oldest is forgotten first. */
const maxRemembered = 4096;
/** Events being written; further ones are dropped. */
const maxInFlight = 1000;
const maxAttempts = 12;
const retryMs = 10_000;

interface Remembered {
  readonly event: Input<Event> & { readonly metadata: { readonly name: string; readonly namespace: string } };
  lastMs: number;
  /** How often it happened: 1 is no series yet. */
  count: number;
  writtenMs: number;
}

/** Creates a recorder for one component. It needs a timer only while it remembers events. */
export function createSeriesEventRecorder(
  options: {
    readonly client: Client;
    readonly reportingController: string;
    /** For example `default-scheduler-node1`. */
    readonly reportingInstance: string;
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
  },
  signal: AbortSignal,
): SeriesEventRecorder {
  const { client, clock, random, logger } = options;
  const nameFor = createEventNames(random);
  const remembered = new Map<string, Remembered>();
  let timer: Timer | undefined;
  let inFlight = 0;

  const write = async (entry: Remembered): Promise<void> => {
    const { namespace, name } = entry.event.metadata;
    const isSeries = entry.count > 1;
    const series = { count: entry.count, lastObservedTime: formatMicroTime(entry.lastMs) };
    entry.writtenMs = clock.nowMs();
    try {
      if (isSeries) {
        await client.patch(eventsV1, { namespace, name }, "strategic", { series }, {}, signal);
        return;
      }
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
    }
    await client.create(eventsV1, isSeries ? { ...entry.event, series } : entry.event, { namespace }, signal);
  };
  const writeWithRetries = async (entry: Remembered): Promise<void> => {
    if (inFlight >= maxInFlight) {
      logger.warn("too many events waiting, one dropped", { reason: entry.event.reason });
      return;
    }
    inFlight += 1;
    await attemptWrites(entry);
    inFlight -= 1;
  };
  const attemptWrites = async (entry: Remembered): Promise<void> => {
    for (let attempts = 1; !signal.aborted; attempts += 1) {
      try {
        await write(entry);
        return;
      } catch (error) {
        if (signal.aborted) return;
        // A series may overtake the event that it began with: then the event exists now and can be patched.
        const isOvertaken = hasReason(error, "AlreadyExists") && entry.count > 1;
        if ((error instanceof StatusError && !isOvertaken) || attempts === maxAttempts) {
          logger.error("event lost", { error });
          return;
        }
        if (!(await rest(clock, retryMs * (1 + 0.25 * random.next()), signal))) return;
      }
    }
  };
  const sweep = (): void => {
    timer = undefined;
    const nowMs = clock.nowMs();
    for (const [key, entry] of remembered) {
      const isOver = nowMs - entry.lastMs >= finishMs;
      if (isOver) remembered.delete(key);
      if (entry.count > 1 && (isOver || nowMs - entry.writtenMs >= refreshMs)) void writeWithRetries(entry);
    }
    arm();
  };
  const arm = (): void => {
    if (timer === undefined && remembered.size > 0 && !signal.aborted) timer = clock.setTimer(finishMs, sweep);
  };
  signal.addEventListener("abort", () => timer?.cancel(), { once: true });

  return {
    record(regarding, related, type, reason, action, note) {
      if (signal.aborted) return;
      const nowMs = clock.nowMs();
      const about = referenceTo(regarding);
      const other = related === undefined ? undefined : referenceTo(related);
      const key = JSON.stringify([type, action, reason, about, other]);
      const present = remembered.get(key);
      if (present !== undefined) {
        present.count += 1;
        present.lastMs = nowMs;
        // The second one starts the series; later ones are only counted until the next sweep.
        if (present.count === 2) void writeWithRetries(present);
        return;
      }
      const event = {
        metadata: { name: nameFor(about.name ?? "", nowMs), namespace: about.namespace ?? "default" },
        eventTime: formatMicroTime(nowMs),
        reportingController: options.reportingController,
        reportingInstance: options.reportingInstance,
        action,
        reason,
        regarding: about,
        ...(other === undefined ? {} : { related: other }),
        note,
        type,
      };
      const entry = { event, lastMs: nowMs, count: 1, writtenMs: nowMs };
      if (remembered.size >= maxRemembered) forgetOldest(remembered);
      remembered.set(key, entry);
      arm();
      void writeWithRetries(entry);
    },
  };
}

function forgetOldest(remembered: Map<string, Remembered>): void {
  for (const key of remembered.keys()) {
    remembered.delete(key);
    return;
  }
}

async function rest(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(clock, delayMs, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
