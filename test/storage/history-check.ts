import { createHash } from "node:crypto";
import { expect } from "vitest";
import type { Store, StoreEvent } from "../../src/storage/store.ts";
import { decodeStoredValue } from "./stored-value.ts";

/** A commit that somebody was told has been made. */
export interface Acknowledged {
  readonly revision: number;
  readonly puts: readonly string[];
  readonly deletes: readonly string[];
}

/** What is known of a store over all its lives, to be held against what each life shows. */
export interface HistoryCheck {
  /** Somebody was told of a commit. */
  acknowledge(commit: Acknowledged): void;
  /** Reads everything that an opened store shows, and fails the test when it contradicts what is known. */
  check(store: Store): Promise<void>;
  /** Somebody was told that a commit, which would have written values with these seeds, was refused. */
  refuse(seeds: readonly number[]): void;
  readonly acknowledgedCommits: number;
  readonly refusedCommits: number;
}

/** Creates a check that knows nothing yet. */
export function createHistoryCheck(): HistoryCheck {
  const acknowledged = new Map<number, Acknowledged>();
  const refusedSeeds = new Set<number>();
  let refusedCommits = 0;
  /** Of every revision ever seen, what it looked like. */
  const digests = new Map<number, string>();
  /** Of every key ever written, the last commit that did. */
  const lastWrites = new Map<string, { readonly revision: number; readonly isDelete: boolean }>();
  let highestRevision = 0;
  const note = (key: string, revision: number, isDelete: boolean): void => {
    if (revision > (lastWrites.get(key)?.revision ?? 0)) lastWrites.set(key, { revision, isDelete });
  };

  return {
    get acknowledgedCommits() {
      return acknowledged.size;
    },
    get refusedCommits() {
      return refusedCommits;
    },
    refuse(seeds) {
      refusedCommits += 1;
      for (const seed of seeds) refusedSeeds.add(seed);
    },
    acknowledge(commit) {
      expect(acknowledged.get(commit.revision), `revision ${commit.revision} given twice`).toBeUndefined();
      expect(digests.get(commit.revision), `revision ${commit.revision} given again`).toBeUndefined();
      acknowledged.set(commit.revision, commit);
      for (const key of commit.puts) note(key, commit.revision, false);
      for (const key of commit.deletes) note(key, commit.revision, true);
      highestRevision = Math.max(highestRevision, commit.revision);
    },
    async check(store) {
      const { revision, compactedRevision } = store;
      expect(revision).toBeGreaterThanOrEqual(highestRevision);
      highestRevision = revision;
      const commits = groupByRevision(await readHistory(store));
      const { entries } = await store.list({ prefix: "" });
      for (const entry of entries) expect(entry).toMatchObject(ownWords(entry.value));
      for (const { value } of [...entries, ...commits.values().flatMap((events) => events)])
        expect(refusedSeeds.has(decodeStoredValue(value).seed), "a refused value is visible").toBe(false);
      for (const [commitRevision, events] of commits) {
        checkWhole(events);
        const digest = digestOf(events);
        expect(digests.get(commitRevision) ?? digest).toBe(digest);
        digests.set(commitRevision, digest);
        for (const { key, type } of events) note(key, commitRevision, type === "delete");
      }
      // What has been seen or acknowledged is there, as long as it is kept.
      for (const seen of [...digests.keys(), ...acknowledged.keys()])
        expect(seen <= compactedRevision || commits.has(seen), `revision ${seen} is lost`).toBe(true);
      for (const commit of acknowledged.values())
        if (commit.revision > compactedRevision) checkAcknowledged(commit, commits.get(commit.revision) ?? []);
      const standing = [...lastWrites].filter(([, write]) => !write.isDelete);
      expect(new Map(entries.map((entry) => [entry.key, entry.revision]))).toEqual(
        new Map(standing.map(([key, write]) => [key, write.revision])),
      );
    },
  };
}

/** Which key and revision a value itself claims. */
function ownWords(value: Uint8Array): { readonly key: string; readonly revision: number } {
  const { key, revision } = decodeStoredValue(value);
  return { key, revision };
}

async function readHistory(store: Store): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  const stop = await store.watch(
    { prefix: "", afterRevision: store.compactedRevision },
    { onEvents: (group) => void events.push(...group), onEnd: () => undefined },
  );
  stop();
  return events;
}

function groupByRevision(events: readonly StoreEvent[]): Map<number, StoreEvent[]> {
  const commits = new Map<number, StoreEvent[]>();
  let last = 0;
  for (const event of events) {
    expect(event.revision).toBeGreaterThanOrEqual(last);
    last = event.revision;
    const commit = commits.get(event.revision);
    if (commit === undefined) commits.set(event.revision, [event]);
    else commit.push(event);
  }
  return commits;
}

/** Every value knows how many operations were committed with it. */
function checkWhole(events: readonly StoreEvent[]): void {
  for (const { type, key, revision, value } of events) {
    const words = decodeStoredValue(value);
    expect(words.key).toBe(key);
    if (type === "put") expect([words.revision, words.width]).toEqual([revision, events.length]);
    else expect(words.revision).toBeLessThan(revision);
  }
}

function checkAcknowledged({ puts, deletes }: Acknowledged, events: readonly StoreEvent[]): void {
  const keys = (type: StoreEvent["type"]): string[] =>
    events.filter((event) => event.type === type).map((event) => event.key);
  expect({ puts: keys("put"), deletes: keys("delete") }).toEqual({ puts, deletes });
}

function digestOf(events: readonly StoreEvent[]): string {
  const hash = createHash("sha256");
  for (const { type, key, previousRevision, createRevision, value } of events)
    hash.update(`${type} ${key} ${previousRevision} ${createRevision} `).update(value);
  return hash.digest("hex");
}
