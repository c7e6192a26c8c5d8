import { maxKeyLength, maxOperationsPerCommit, type WriteOperation } from "./store.ts";

/** What stands at a key, decided but perhaps not yet durable. A deletion leaves a head until it is durable. */
export interface Head {
  readonly revision: number;
  readonly createRevision: number;
  readonly isDeleted: boolean;
  readonly expiresAtMs: number | undefined;
}

/** One operation that takes effect. */
export interface PlannedWrite {
  readonly operation: WriteOperation;
  readonly before: Head | undefined;
  readonly after: Head;
}

/** What becomes of a commit. */
export type CommitPlan =
  | {
      readonly kind: "write";
      readonly writes: readonly PlannedWrite[];
      readonly basedOn: readonly (Head | undefined)[];
    }
  /** Everything it wants is so already: deletions of what is not there. */
  | { readonly kind: "nothing"; readonly basedOn: readonly (Head | undefined)[] }
  | { readonly kind: "conflict"; readonly key: string; readonly head: Head | undefined };

/**
 * Decides a commit against the newest heads.
 * @param revision what the commit takes if it goes ahead
 */
export function planCommit(
  operations: readonly WriteOperation[],
  headOf: (key: string) => Head | undefined,
  revision: number,
): CommitPlan {
  const basedOn = operations.map((operation) => headOf(operation.key));
  const writes: PlannedWrite[] = [];
  for (const [index, operation] of operations.entries()) {
    const before = basedOn[index];
    const standing = before === undefined || before.isDeleted ? 0 : before.revision;
    const expected = operation.expectedRevision;
    if (expected !== undefined && expected !== standing) return { kind: "conflict", key: operation.key, head: before };
    const isDeleted = operation.encode === undefined;
    if (isDeleted && standing === 0) continue;
    const after: Head = {
      revision,
      createRevision: before === undefined || standing === 0 ? revision : before.createRevision,
      isDeleted,
      expiresAtMs: isDeleted ? undefined : operation.expiresAtMs,
    };
    writes.push({ operation, before, after });
  }
  return writes.length === 0 ? { kind: "nothing", basedOn } : { kind: "write", writes, basedOn };
}

/**
 * Checks what no caller may hand in, whatever the store holds.
 * @throws {RangeError} too many operations, a key too long, not well formed or written twice
 */
export function validateOperations(operations: readonly WriteOperation[]): void {
  if (operations.length > maxOperationsPerCommit)
    throw new RangeError(`a commit of ${operations.length} operations: ${maxOperationsPerCommit} is the most`);
  const seen = operations.length > 1 ? new Set<string>() : undefined;
  for (const { key } of operations) {
    if (key === "" || key.length > maxKeyLength || !key.isWellFormed())
      throw new RangeError(`a key must be well-formed text of 1 to ${maxKeyLength} characters`);
    if (seen?.has(key)) throw new RangeError(`key ${JSON.stringify(key)} is written twice in one commit`);
    seen?.add(key);
  }
}
