import { assert } from "../base/assert.ts";
import { type Head, type PlannedWrite, planCommit, validateOperations } from "./commit-plan.ts";
import {
  type CommitResult,
  maxValueBytes,
  StoreBusyError,
  type StoreEvent,
  StoreFailedError,
  type WriteOperation,
} from "./store.ts";
import type { Completion, LogHead, LogRow, WriteLog } from "./write-log.ts";

/** How much may be decided but not yet durable. Commits beyond that wait, undecided and not encoded. */
export interface CommitLimits {
  readonly maxBytesInFlight: number;
  readonly maxOperationsInFlight: number;
  /** Commits that may wait; more are turned away. */
  readonly maxWaitingCommits: number;
}

/** Bounds that keep a store's share of memory small and a group's commit in the range of milliseconds. */
export const defaultCommitLimits: CommitLimits = {
  maxBytesInFlight: 16 * 1024 * 1024,
  maxOperationsInFlight: 4096,
  maxWaitingCommits: 20_000,
};

/** Decides commits, gathers them into groups and sees each group through to the log, one after another. */
export interface CommitQueue {
  /** The newest durable revision. */
  readonly revision: number;
  commit(operations: readonly WriteOperation[]): Promise<CommitResult>;
  /** Resolves when nothing is waiting, decided or under way. */
  idle(): Promise<void>;
}

/** A commit on its way. */
interface Entry {
  /** What it takes; 0 when it writes nothing. */
  readonly revision: number;
  readonly writes: readonly PlannedWrite[];
  readonly rows: readonly LogRow[];
  /** Revisions, not durable when it was decided, that the decision rests on. */
  readonly restsOn: readonly number[];
  readonly bytes: number;
  /** Its group is durable and watchers have heard of it. */
  finish(): void;
  fail(error: StoreFailedError): void;
}

interface WaitingCommit {
  readonly operations: readonly WriteOperation[];
  readonly completion: Completion<CommitResult>;
}

/**
 * Creates a queue over what a log holds.
 * @param endTurn calls back when the present turn of the event loop is over: until then a group stays open
 * @param onDurable hears of each group as soon as it is durable, before its commits resolve
 */
export function createCommitQueue(options: {
  readonly log: WriteLog;
  readonly heads: readonly LogHead[];
  readonly revision: number;
  readonly limits: CommitLimits;
  readonly endTurn: (callback: () => void) => void;
  readonly onDurable: (rows: readonly LogRow[], events: readonly StoreEvent[]) => void;
}): CommitQueue {
  const { log, limits, endTurn, onDurable } = options;
  const heads = new Map<string, Head>();
  for (const { key, revision, createRevision, expiresAtMs } of options.heads)
    heads.set(key, { revision, createRevision, isDeleted: false, expiresAtMs });

  let durableRevision = options.revision;
  let takenRevision = options.revision;
  let gathering: Entry[] = [];
  let isAppending = false;
  let isScheduled = false;
  let isDeciding = false;
  let bytesInFlight = 0;
  let operationsInFlight = 0;
  let unsettled = 0;
  let waiting: WaitingCommit[] = [];
  let idleWaiters: (() => void)[] = [];

  const undurable = (head: Head | undefined): number[] =>
    head !== undefined && head.revision > durableRevision ? [head.revision] : [];
  const isFull = (): boolean =>
    bytesInFlight >= limits.maxBytesInFlight || operationsInFlight >= limits.maxOperationsInFlight;

  /** Answers a conflict with the very version that stood in the way. */
  const reportConflict = (key: string, head: Head | undefined, completion: Completion<CommitResult>): void => {
    if (head === undefined || head.isDeleted) completion.resolve({ committed: false, key, current: undefined });
    else
      log.get(
        { key, atRevision: head.revision },
        {
          resolve: (current) => completion.resolve({ committed: false, key, current }),
          reject: completion.reject,
        },
      );
  };

  const decide = ({ operations, completion }: WaitingCommit): void => {
    assert(!isDeciding, "encode must not commit");
    isDeciding = true;
    try {
      const revision = takenRevision + 1;
      const plan = planCommit(operations, (key) => heads.get(key), revision);
      const restsOn = plan.kind === "conflict" ? undurable(plan.head) : plan.basedOn.flatMap(undurable);
      const base = { revision: 0, writes: [], rows: [], restsOn, bytes: 0, fail: completion.reject };
      if (plan.kind === "write") {
        const rows = plan.writes.map((write) => encodeRow(write, revision));
        const finish = (): void => completion.resolve({ committed: true, revision });
        take({ ...base, revision, writes: plan.writes, rows, bytes: bytesOf(rows), finish });
      } else {
        const finish = (): void => {
          if (plan.kind === "conflict") reportConflict(plan.key, plan.head, completion);
          else completion.resolve({ committed: true, revision: durableRevision });
        };
        if (restsOn.length === 0) finish();
        else take({ ...base, finish });
      }
    } catch (error) {
      completion.reject(error as Error);
    } finally {
      isDeciding = false;
    }
  };

  const take = (entry: Entry): void => {
    if (entry.revision > 0) takenRevision = entry.revision;
    for (const { operation, after } of entry.writes) heads.set(operation.key, after);
    bytesInFlight += entry.bytes;
    operationsInFlight += entry.writes.length;
    gathering.push(entry);
    scheduleAppend();
  };

  /** Lets a group grow until the turn is over, and until the one before is durable. */
  const scheduleAppend = (): void => {
    if (isAppending || isScheduled || gathering.length === 0) return;
    isScheduled = true;
    endTurn(() => {
      isScheduled = false;
      appendGathered();
    });
  };

  const appendGathered = (): void => {
    const group = gathering;
    gathering = [];
    const rows = group.flatMap((entry) => entry.rows);
    if (rows.length === 0) {
      for (const entry of group) entry.finish();
      return;
    }
    isAppending = true;
    const settled = (): void => {
      isAppending = false;
      for (const entry of group) release(entry);
    };
    const goOn = (): void => {
      admitWaiting();
      scheduleAppend();
    };
    log.append(rows, {
      resolve(deletedValues) {
        settled();
        makeVisible(group, rows, deletedValues);
        goOn();
      },
      reject(error) {
        settled();
        takeBack(group, error);
        goOn();
      },
    });
  };

  const release = (entry: Entry): void => {
    bytesInFlight -= entry.bytes;
    operationsInFlight -= entry.writes.length;
  };

  const makeVisible = (
    group: readonly Entry[],
    rows: readonly LogRow[],
    deletedValues: readonly Uint8Array[],
  ): void => {
    durableRevision = rows.at(-1)?.revision ?? durableRevision;
    for (const { key, revision, value } of rows)
      if (value === undefined && heads.get(key)?.revision === revision) heads.delete(key);
    onDurable(rows, eventsOf(group, deletedValues));
    for (const entry of group) entry.finish();
  };

  /** Undoes a group that the log refused, and those decided since that rest on it. */
  const takeBack = (group: readonly Entry[], cause: Error): void => {
    const failed = [...group];
    const lost = new Set(group.map((entry) => entry.revision));
    const kept: Entry[] = [];
    for (const entry of gathering) {
      if (!entry.restsOn.some((revision) => lost.has(revision))) kept.push(entry);
      else {
        lost.add(entry.revision);
        failed.push(entry);
        release(entry);
      }
    }
    gathering = kept;
    for (const { writes } of failed.toReversed())
      for (const { operation, before } of writes.toReversed())
        if (before === undefined) heads.delete(operation.key);
        else heads.set(operation.key, before);
    const error = new StoreFailedError(`the write could not be made durable: ${cause.message}`, { cause });
    for (const entry of failed) entry.fail(error);
  };

  const admitWaiting = (): void => {
    let admitted = 0;
    while (admitted < waiting.length && !isFull()) {
      decide(waiting[admitted] as WaitingCommit);
      admitted += 1;
    }
    if (admitted > 0) waiting = waiting.slice(admitted);
  };

  const enter = (operations: readonly WriteOperation[], completion: Completion<CommitResult>): void => {
    validateOperations(operations);
    if (waiting.length === 0 && !isFull()) decide({ operations, completion });
    else if (waiting.length < limits.maxWaitingCommits) waiting.push({ operations, completion });
    else throw new StoreBusyError(`${waiting.length} writes are waiting for the disk`);
  };

  const settle = (): void => {
    unsettled -= 1;
    if (unsettled > 0) return;
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const wake of waiters) wake();
  };

  return {
    get revision() {
      return durableRevision;
    },
    async commit(operations) {
      unsettled += 1;
      try {
        return await new Promise<CommitResult>((resolve, reject) => enter(operations, { resolve, reject }));
      } finally {
        settle();
      }
    },
    idle: () =>
      new Promise((resolve) => {
        if (unsettled === 0) resolve();
        else idleWaiters.push(resolve);
      }),
  };
}

/** @throws what the caller's encode throws, and RangeError for a value too large */
function encodeRow({ operation, before, after }: PlannedWrite, revision: number): LogRow {
  const value = operation.encode?.(revision);
  if (value !== undefined && value.byteLength > maxValueBytes)
    throw new RangeError(`a value of ${value.byteLength} bytes: ${maxValueBytes} is the most`);
  return {
    key: operation.key,
    revision,
    createRevision: after.createRevision,
    previousRevision: before === undefined || before.isDeleted ? 0 : before.revision,
    value,
    expiresAtMs: after.expiresAtMs,
  };
}

function bytesOf(rows: readonly LogRow[]): number {
  return rows.reduce((sum, row) => sum + row.key.length + (row.value?.byteLength ?? 0), 0);
}

function eventsOf(group: readonly Entry[], deletedValues: readonly Uint8Array[]): StoreEvent[] {
  const events: StoreEvent[] = [];
  let deletions = 0;
  for (const { rows, writes } of group)
    for (const [index, row] of rows.entries()) {
      const value = row.value ?? deletedValues[deletions];
      assert(value !== undefined, "the log answers with the last value of every key that it deletes");
      if (row.value === undefined) deletions += 1;
      events.push({
        type: row.value === undefined ? "delete" : "put",
        key: row.key,
        revision: row.revision,
        value,
        previousRevision: row.previousRevision,
        createRevision: row.createRevision,
        attachment: writes[index]?.operation.attachment,
      });
    }
  return events;
}
