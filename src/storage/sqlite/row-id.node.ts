import { assert } from "../../base/assert.ts";

/** A revision has room for this many rows: more than a commit may have operations. */
const idsPerRevision = 1024;

/** The id of a row: the revision, then the position in the commit. */
export function idOf(revision: number, position: number): number {
  assert(position < idsPerRevision, "a commit has no more operations than a revision has ids");
  return revision * idsPerRevision + position;
}

/** The first id that belongs to a later revision. */
export function firstIdAfter(revision: number): number {
  return (revision + 1) * idsPerRevision;
}

/** The revision that a row belongs to. */
export function revisionOf(id: number): number {
  return Math.floor(id / idsPerRevision);
}
