import type { ApiObject } from "../api/metadata.ts";
import { checkDnsSubdomain } from "../api/names.ts";
import { events } from "../api/resources.ts";
import { hasCause, hasReason, StatusError } from "../api/status-error.ts";
import type { ObjectReference } from "../api/types/core-v1.ts";
import { type Clock, formatTime, sleep } from "../base/clock.ts";
import { createUid } from "../base/ids.ts";
import type { Logger } from "../base/log.ts";
import { type Random, randomInteger } from "../base/random.ts";
import type { Client } from "./client.ts";
import { type Correlation, createEventCorrelator, type DraftEvent } from "./event-correlator.ts";

/** Tells users what a component does to their objects. Events are for people: they may be thinned out or lost. */
export interface EventRecorder {
  /**
   * Notes an event about an object. Never throws and never waits: it is written behind the caller's back.
   * @param reason one word in capitals, `Scheduled`, that programs may look for
   */
  record(subject: ApiObject | ObjectReference, type: "Normal" | "Warning", reason: string, message: string): void;
}

/** Events waiting to be written; further ones are dropped. */
const maxQueued = 1000;
const maxAttempts = 12;
const retryMs = 10_000;

/** Creates a recorder that writes events of the core API as one component until the signal is aborted. */
export function createEventRecorder(
  options: {
    readonly client: Client;
    /** Who reports: the component, and for node agents the node. */
    readonly source: { readonly component: string; readonly host?: string };
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
  },
  signal: AbortSignal,
): EventRecorder {
  const { client, source, clock, random, logger } = options;
  const nameFor = createEventNames(random);
  const correlator = createEventCorrelator(nameFor);
  const queue: DraftEvent[] = [];
  let isWriting = false;

  const write = async (correlation: Correlation): Promise<void> => {
    if (correlation.action === "skip") return;
    const { event } = correlation;
    const { namespace, name } = event.metadata;
    if (correlation.action === "count") {
      try {
        const patched = await client.patch(events, { namespace, name }, "strategic", correlation.patch, {}, signal);
        correlator.stored(patched);
        return;
      } catch (error) {
        // The event has expired: it begins anew under its old name.
        if (!hasReason(error, "NotFound")) throw error;
      }
    }
    correlator.stored(await client.create(events, event, { namespace }, signal));
  };
  const writeWithRetries = async (correlation: Correlation): Promise<void> => {
    for (let attempts = 1; ; attempts += 1) {
      try {
        await write(correlation);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (hasReason(error, "AlreadyExists") || hasCause(error, "NamespaceTerminating")) {
          logger.debug("event refused", { error });
          return;
        }
        if (error instanceof StatusError || attempts === maxAttempts) {
          logger.error("event lost", { error });
          return;
        }
        await sleep(clock, attempts === 1 ? retryMs * random.next() : retryMs, signal);
      }
    }
  };
  const drain = async (): Promise<void> => {
    isWriting = true;
    try {
      for (let event = queue.shift(); event !== undefined; event = queue.shift())
        await writeWithRetries(correlator.correlate(event, clock.nowMs()));
    } catch (error) {
      if (!signal.aborted) logger.error("events lost", { error });
      queue.length = 0;
    } finally {
      isWriting = false;
    }
  };

  return {
    record(subject, type, reason, message) {
      if (signal.aborted) return;
      if (queue.length >= maxQueued) {
        logger.warn("too many events waiting, one dropped", { reason });
        return;
      }
      const involvedObject = referenceTo(subject);
      const nowMs = clock.nowMs();
      const time = formatTime(nowMs);
      const name = nameFor(involvedObject.name ?? "", nowMs);
      queue.push({
        metadata: { name, namespace: involvedObject.namespace ?? "default" },
        involvedObject,
        reason,
        message,
        source,
        firstTimestamp: time,
        lastTimestamp: time,
        count: 1,
        type,
        reportingComponent: source.component,
        reportingInstance: source.host ?? "",
      });
      if (!isWriting) void drain();
    },
  };
}

/** What events say of the object that they are about. */
export function referenceTo(subject: ApiObject | ObjectReference): ObjectReference {
  if (!("metadata" in subject)) return subject;
  const { kind, apiVersion, metadata } = subject;
  const { namespace, name, uid, resourceVersion } = metadata;
  return { kind, ...(namespace === undefined ? {} : { namespace }), name, uid, apiVersion, resourceVersion };
}

/** Clocks count microseconds at best; what is below a millisecond in names is drawn by lot. */
const nanosDrawn = 1_000_000;

/**
 * Gives events names, `<object>.<time in hex>`: each a little later than the one before, so that none is used twice, and
 * hardly ever one that another component gives at the same time. A name that is not fit for an event gives way to a
 * random one.
 */
export function createEventNames(random: Random): (objectName: string, nowMs: number) => string {
  let lastNanos = 0n;
  return (objectName, nowMs) => {
    const nowNanos = BigInt(Math.floor(nowMs)) * 1_000_000n + BigInt(randomInteger(random, nanosDrawn));
    lastNanos = nowNanos > lastNanos ? nowNanos : lastNanos + 1n;
    const name = `${objectName}.${lastNanos.toString(16)}`;
    return checkDnsSubdomain(name).length === 0 ? name : createUid(random);
  };
}
