/* oxlint-disable vitest/no-conditional-expect -- random steps are checked where they are taken */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVirtualClock, type VirtualClock } from "../../base/virtual-clock.ts";
import { compareKeys } from "../key-order.ts";
import { CompactedError, type Store, type WriteOperation } from "../store.ts";
import { type OpenStore, put, type RecordedWatch, readablePage, recordWatch, remove, text } from "./fixtures.node.ts";

/** Keys that random tests use: few, so that they collide, and with prefixes of each other. */
const keys = ["/a", "/a/1", "/a/2", "/b", "/é", "/\uff5e", "/😀"] as const;

const prefixes = ["", "/", "/a", "/a/", "/é", "/none"] as const;

/** How an expectation relates to what stands. */
type Expectation = "none" | "absent" | "current" | "stale";

interface RandomWrite {
  readonly key: string;
  readonly isDelete: boolean;
  readonly expectation: Expectation;
  /** Seconds until the key expires; 0 for never. */
  readonly lifeSeconds: number;
}

/** Something to do with a store. Shares say where between the oldest and the newest revision. */
type Step =
  | { readonly kind: "commits"; readonly commits: readonly (readonly RandomWrite[])[] }
  | { readonly kind: "advance"; readonly seconds: number }
  | { readonly kind: "compact"; readonly share: number }
  | { readonly kind: "get"; readonly key: string }
  | {
      readonly kind: "list";
      readonly prefix: string;
      readonly share: number;
      readonly afterKey: string | undefined;
      readonly limit: number | undefined;
    }
  | { readonly kind: "watch"; readonly prefix: string; readonly share: number }
  | { readonly kind: "reopen" };

const randomWrite: fc.Arbitrary<RandomWrite> = fc.record({
  key: fc.constantFrom(...keys),
  isDelete: fc.boolean(),
  expectation: fc.constantFrom<Expectation[]>("none", "absent", "current", "current", "stale"),
  lifeSeconds: fc.constantFrom(0, 0, 0, 5, 30),
});

const share = fc.double({ min: 0, max: 1, noNaN: true });

const randomStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("commits" as const),
      commits: fc.array(fc.uniqueArray(randomWrite, { maxLength: 3, selector: (write) => write.key }), {
        maxLength: 6,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("advance" as const), seconds: fc.integer({ min: 1, max: 20 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("compact" as const), share }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("get" as const), key: fc.constantFrom(...keys) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("list" as const),
      prefix: fc.constantFrom(...prefixes),
      share,
      afterKey: fc.option(fc.constantFrom(...keys), { nil: undefined }),
      limit: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("watch" as const), prefix: fc.constantFrom(...prefixes), share }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
);

interface Change {
  readonly key: string;
  readonly revision: number;
  readonly value: string | undefined;
  readonly lastValue: string;
  readonly expiresAtMs: number | undefined;
}

/** A store so simple that it is plainly right: every change ever made, searched from the end. */
interface Model {
  readonly changes: Change[];
  revision: number;
  compactedRevision: number;
}

function standing(model: Model, key: string, atRevision = model.revision): Change | undefined {
  const change = model.changes.findLast((candidate) => candidate.key === key && candidate.revision <= atRevision);
  return change?.value === undefined ? undefined : change;
}

function apply(model: Model, operations: readonly (WriteOperation & { readonly text: string })[]): unknown {
  const conflict = operations.find(
    ({ key, expectedRevision }) =>
      expectedRevision !== undefined && expectedRevision !== (standing(model, key)?.revision ?? 0),
  );
  if (conflict !== undefined)
    return { committed: false, key: conflict.key, current: standing(model, conflict.key)?.value };
  const effective = operations.filter(({ key, encode }) => encode !== undefined || standing(model, key) !== undefined);
  if (effective.length > 0) model.revision += 1;
  const changes = effective.map(({ key, encode, text: value, expiresAtMs }) => ({
    key,
    revision: model.revision,
    value: encode === undefined ? undefined : value,
    lastValue: encode === undefined ? (standing(model, key)?.value ?? "") : value,
    expiresAtMs: encode === undefined ? undefined : expiresAtMs,
  }));
  model.changes.push(...changes);
  return { committed: true, ...(effective.length > 0 ? { revision: model.revision } : {}) };
}

function expire(model: Model, nowMs: number): void {
  const due = keys
    .map((key) => standing(model, key))
    .filter((change) => change !== undefined)
    .filter((change) => change.expiresAtMs !== undefined && change.expiresAtMs <= nowMs)
    .sort((a, b) => (a.expiresAtMs ?? 0) - (b.expiresAtMs ?? 0));
  for (const { key } of due) apply(model, [{ ...remove(key), text: "" }]);
}

function listModel(model: Model, step: Step & { readonly kind: "list" }, atRevision: number): unknown {
  const found = keys
    .filter((key) => key.startsWith(step.prefix))
    .filter((key) => step.afterKey === undefined || compareKeys(key, step.afterKey) > 0)
    .map((key) => standing(model, key, atRevision))
    .filter((change) => change !== undefined);
  const entries = found.slice(0, step.limit ?? found.length);
  return {
    entries: entries.map(({ key, value, revision }) => `${key}=${value}@${revision}`),
    revision: atRevision,
    remaining: found.length - entries.length,
  };
}

function eventsOf(model: Model, prefix: string, afterRevision: number): string[] {
  return model.changes
    .filter((change) => change.revision > afterRevision && change.key.startsWith(prefix))
    .map(
      ({ key, value, lastValue, revision }) =>
        `${value === undefined ? "delete" : "put"} ${key}=${lastValue}@${revision}`,
    );
}

/** A store and its model side by side, and the watches started so far. */
interface Trial {
  store: Store;
  readonly model: Model;
  readonly clock: VirtualClock;
  readonly reopen: (() => Promise<Store>) | undefined;
  watches: { readonly watch: RecordedWatch; readonly prefix: string; readonly afterRevision: number }[];
  /** Makes every value and every expiry time different. */
  writes: number;
}

function operationOf(trial: Trial, write: RandomWrite): WriteOperation & { readonly text: string } {
  trial.writes += 1;
  const current = standing(trial.model, write.key)?.revision ?? 0;
  const expected = { none: undefined, absent: 0, current, stale: Math.max(1, current - 1) }[write.expectation];
  const expiresAtMs =
    write.lifeSeconds === 0 ? undefined : trial.clock.nowMs() + write.lifeSeconds * 1000 + trial.writes;
  const more = {
    ...(expected === undefined ? {} : { expectedRevision: expected }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
  };
  const value = `value ${trial.writes}`;
  return { ...(write.isDelete ? remove(write.key, more) : put(write.key, value, more)), text: value };
}

async function runCommits(trial: Trial, commits: readonly (readonly RandomWrite[])[]): Promise<void> {
  const expected: unknown[] = [];
  const results = commits.map((writes) => {
    const operations = writes.map((write) => operationOf(trial, write));
    expected.push(apply(trial.model, operations));
    return trial.store.commit(operations);
  });
  for (const [index, result] of (await Promise.all(results)).entries()) {
    const { current, ...rest } = { current: undefined, ...result };
    const readable = result.committed
      ? rest
      : { ...rest, current: current === undefined ? undefined : text(current["value"]) };
    expect(readable).toMatchObject(expected[index] as object);
  }
}

async function runStep(trial: Trial, step: Step): Promise<void> {
  const { store, model, clock } = trial;
  const revisionAt = (position: number): number =>
    model.compactedRevision + Math.round(position * (model.revision - model.compactedRevision));
  switch (step.kind) {
    case "commits":
      await runCommits(trial, step.commits);
      break;
    case "advance":
      await clock.advance(step.seconds * 1000);
      expire(model, clock.nowMs());
      await allHeard(trial);
      break;
    case "compact":
      model.compactedRevision = revisionAt(step.share);
      await store.compact(model.compactedRevision);
      if (model.compactedRevision > 0)
        await expect(store.list({ prefix: "", atRevision: model.compactedRevision - 1 })).rejects.toThrow(
          CompactedError,
        );
      break;
    case "get":
      expect((await store.get(step.key))?.revision).toBe(standing(model, step.key)?.revision);
      break;
    case "list": {
      const { prefix, afterKey, limit } = step;
      const atRevision = revisionAt(step.share);
      const range = { ...(afterKey === undefined ? {} : { afterKey }), ...(limit === undefined ? {} : { limit }) };
      const page = await store.list({ prefix, atRevision, ...range });
      expect(readablePage(page)).toEqual(listModel(model, step, atRevision));
      break;
    }
    case "watch": {
      const afterRevision = revisionAt(step.share);
      const watch = await recordWatch(store, step.prefix, afterRevision);
      trial.watches.push({ watch, prefix: step.prefix, afterRevision });
      break;
    }
    case "reopen":
      if (trial.reopen === undefined) break;
      await checkWatches(trial);
      await store.close();
      trial.store = await trial.reopen();
      trial.watches = [];
      expect([trial.store.revision, trial.store.compactedRevision]).toEqual([model.revision, model.compactedRevision]);
      await startWatching(trial);
      break;
  }
}

/** The watch that tells when everything that the model knows has happened. */
async function startWatching(trial: Trial): Promise<void> {
  const afterRevision = trial.model.compactedRevision;
  trial.watches.push({ watch: await recordWatch(trial.store, "", afterRevision), prefix: "", afterRevision });
}

async function allHeard({ watches, model }: Trial): Promise<void> {
  for (const { watch, prefix, afterRevision } of watches)
    await watch.heard(eventsOf(model, prefix, afterRevision).length);
}

async function checkWatches(trial: Trial): Promise<void> {
  await allHeard(trial);
  for (const { watch, prefix, afterRevision } of trial.watches)
    expect(watch.groups.flat()).toEqual(eventsOf(trial.model, prefix, afterRevision));
}

/**
 * Random work, checked step by step against a model.
 * @param reopen opens again what a closed store left behind; left out for stores that leave nothing
 */
export function describeModel(open: OpenStore, reopen: OpenStore | undefined, runs: number): void {
  describe("random work", () => {
    it("agrees with a plain list of changes in everything that can be read", async () => {
      const property = fc.asyncProperty(fc.array(randomStep, { minLength: 5, maxLength: 40 }), async (steps) => {
        const clock = createVirtualClock();
        const model: Model = { changes: [], revision: 0, compactedRevision: 0 };
        const again = reopen === undefined ? undefined : () => reopen(clock);
        const trial: Trial = { store: await open(clock), model, clock, reopen: again, watches: [], writes: 0 };
        try {
          await startWatching(trial);
          for (const step of steps) {
            await runStep(trial, step);
            expect(trial.store.revision).toBe(model.revision);
          }
          await checkWatches(trial);
        } finally {
          await trial.store.close();
        }
      });
      await fc.assert(property, { numRuns: runs });
    });
  });
}
