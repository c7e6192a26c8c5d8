import { onTestFinished } from "vitest";
import type { VirtualClock } from "../../base/virtual-clock.ts";
import { createVirtualClock } from "../../base/virtual-clock.ts";
import type { Store, StoreEntry, StoreEvent, StorePage, WriteOperation } from "../store.ts";

/** Opens an empty store of the kind under test. */
export type OpenStore = (clock: VirtualClock) => Promise<Store>;

/** Opens a store for one test and closes it when the test is over. */
export async function openForTest(open: OpenStore): Promise<{ readonly store: Store; readonly clock: VirtualClock }> {
  const clock = createVirtualClock();
  const store = await open(clock);
  onTestFinished(() => store.close());
  return { store, clock };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes of a text. */
export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of some bytes. */
export function text(value: Uint8Array): string {
  return decoder.decode(value);
}

/** Writes a text. */
export function put(key: string, value: string, more: Omit<WriteOperation, "key" | "encode"> = {}): WriteOperation {
  return { ...more, key, encode: () => bytes(value) };
}

/** Deletes a key. */
export function remove(key: string, more: Omit<WriteOperation, "key" | "encode"> = {}): WriteOperation {
  return { ...more, key };
}

/** Commits one operation after another, each as a commit of its own. */
export async function commitEach(store: Store, ...operations: readonly WriteOperation[]): Promise<void> {
  for (const operation of operations) await store.commit([operation]);
}

/** An entry as a whole-object assertion likes it: its value as text. */
export function readable(entry: StoreEntry | undefined): unknown {
  return entry === undefined ? undefined : { ...entry, value: text(entry.value) };
}

/** A page as `key=value@revision`. */
export function readablePage(page: StorePage): unknown {
  return {
    entries: page.entries.map((entry) => `${entry.key}=${text(entry.value)}@${entry.revision}`),
    revision: page.revision,
    remaining: page.remaining,
  };
}

/** An event as `put key=value@revision`. */
export function readableEvent(event: StoreEvent): string {
  return `${event.type} ${event.key}=${text(event.value)}@${event.revision}`;
}

/** What a watch has reported so far. */
export interface RecordedWatch {
  readonly groups: readonly (readonly string[])[];
  readonly events: readonly StoreEvent[];
  /** One item for each time that the watch ended. */
  readonly ends: readonly (Error | undefined)[];
  /** Resolves when so many events have been reported. */
  heard(count: number): Promise<void>;
  stop(): void;
}

/** Starts a watch and writes down what it reports. */
export async function recordWatch(store: Store, prefix = "", afterRevision = store.revision): Promise<RecordedWatch> {
  const groups: string[][] = [];
  const events: StoreEvent[] = [];
  const ends: (Error | undefined)[] = [];
  let wake: (() => void) | undefined;
  const stop = await store.watch(
    { prefix, afterRevision },
    {
      onEvents(group) {
        groups.push(group.map(readableEvent));
        events.push(...group);
        wake?.();
      },
      onEnd: (error) => void ends.push(error),
    },
  );
  const heard = async (count: number): Promise<void> => {
    while (events.length < count)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  return { groups, events, ends, heard, stop };
}
