import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import { groupResourceName } from "../api/resource.ts";
import { hasReason } from "../api/status-error.ts";
import { type BackoffPolicy, backoffDelayMs } from "../base/backoff.ts";
import { type Clock, sleep } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Client, Selection, WatchEvent } from "./client.ts";
import { keyOf } from "./informer.ts";

/** Where a reflector puts what it sees. Its methods must not throw. */
export interface ReflectorSink<T> {
  /** All objects as of a version: what is not among them is gone. */
  replace(objects: readonly T[], resourceVersion: string): void;
  /** Changes in order. */
  apply(events: readonly WatchEvent<T>[]): void;
}

/** What every reflector of a component shares. */
export interface ReflectorContext {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** How long to wait before asking again. Source: client-go's reflector, 0.8 s to 30 s with full jitter. */
const backoff: BackoffPolicy = { initialMs: 800, maxMs: 30_000, jitter: 1 };

/** A watch that ends sooner than this without an event has failed, whatever it says. */
const shortWatchMs = 1_000;

/** A watch that held this long makes earlier failures forgotten. */
const calmMs = 120_000;

/**
 * Keeps a sink in step with all objects of a selection until the signal is aborted: asks for the present objects and
 * follows their changes, goes on from the last version when a watch breaks and starts over when that version is too old.
 * Failures are logged once per streak and repeated with growing delay.
 */
export async function reflect<T extends ApiObject>(
  context: ReflectorContext,
  resource: Resource<T>,
  selection: Selection,
  sink: ReflectorSink<T>,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random } = context;
  const logger = context.logger.with({ resource: groupResourceName(resource) });
  const source = createSource(context.client, resource, selection, sink, signal);
  let failures = 0;
  while (!signal.aborted) {
    const startMs = clock.monotonicMs();
    try {
      const sawEvents = await source.run();
      const heldMs = clock.monotonicMs() - startMs;
      if (sawEvents || heldMs >= shortWatchMs) failures = 0;
      else failures += 1;
    } catch (error) {
      if (signal.aborted) return;
      if (clock.monotonicMs() - startMs >= calmMs) failures = 0;
      if (hasReason(error, "Expired", "Gone")) logger.debug("watch expired, listing again");
      else if (failures === 0) logger.warn("watch failed, trying again", { error });
      failures += 1;
    }
    if (failures > 0 && !(await rest(clock, backoffDelayMs(backoff, failures - 1, random), signal))) return;
  }
}

interface Source {
  /** Follows changes until the watch ends. @returns whether any event came @throws what the server refuses with */
  run(): Promise<boolean>;
}

function createSource<T extends ApiObject>(
  client: Client,
  resource: Resource<T>,
  selection: Selection,
  sink: ReflectorSink<T>,
  signal: AbortSignal,
): Source {
  /** The version to go on from; undefined when the present objects must be asked for. */
  let version: string | undefined;
  let offersInitialEvents = true;

  const follow = async (): Promise<boolean> => {
    let sawEvents = false;
    const from = version === undefined ? { sendInitialEvents: true } : { resourceVersion: version };
    let initial: Map<string, T> | undefined = version === undefined ? new Map() : undefined;
    for await (const batch of client.watch(resource, { ...selection, ...from, allowBookmarks: true }, signal)) {
      sawEvents = true;
      let events = batch;
      if (initial !== undefined) {
        const end = collect(initial, batch);
        if (end === undefined) continue;
        version = end.resourceVersion;
        sink.replace([...initial.values()], version);
        initial = undefined;
        events = batch.slice(end.position + 1);
        if (events.length === 0) continue;
      }
      version = versionOf(events[events.length - 1] as WatchEvent<T>);
      sink.apply(events);
    }
    return sawEvents;
  };
  const list = async (): Promise<void> => {
    const objects = await client.list(resource, selection, signal);
    version = objects.resourceVersion;
    sink.replace(objects.items, version);
  };

  const run = async (): Promise<boolean> => {
    if (version === undefined && !offersInitialEvents) await list();
    try {
      return await follow();
    } catch (error) {
      if (hasReason(error, "Expired", "Gone")) version = undefined;
      if (version !== undefined || !offersInitialEvents || !hasReason(error, ...refusals)) throw error;
      offersInitialEvents = false;
      return run();
    }
  };
  return { run };
}

/** How servers answer that do not know initial events. */
const refusals = ["Invalid", "BadRequest", "MethodNotAllowed", "NotAcceptable"] as const;

/** Gathers initial objects; gives the version that they stand for once all have come, and where in the batch that was. */
function collect<T extends ApiObject>(
  initial: Map<string, T>,
  batch: readonly WatchEvent<T>[],
): { readonly resourceVersion: string; readonly position: number } | undefined {
  for (const [position, event] of batch.entries()) {
    if (event.type === "DELETED") initial.delete(keyOf(event.object));
    else if (event.type !== "BOOKMARK") initial.set(keyOf(event.object), event.object);
    else if (event.initialEventsEnd) return { resourceVersion: event.resourceVersion, position };
  }
  return undefined;
}

function versionOf<T extends ApiObject>(event: WatchEvent<T>): string {
  return event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.resourceVersion;
}

/** @returns whether the time passed without the signal being aborted */
async function rest(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(clock, delayMs, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
