import type { ApiObject } from "../../api/metadata.ts";
import type { ServedResource } from "../resource-table.ts";
import type { ObjectDraft } from "./write-request.ts";

/** Something taken for the length of one write: kept when it succeeds, given back when it does not. */
export interface Reservation {
  keep(): void;
  giveBack(): void;
}

/**
 * What a kind does besides storing an object: services take addresses and ports. All functions are synchronous, so
 * that nothing can come between looking and taking.
 */
export interface WriteHook {
  /** Before preparation and validation of a new object. @throws {StatusError} to refuse */
  beginCreate?(draft: ObjectDraft, dryRun: boolean): Reservation | undefined;
  /** Before preparation and validation of a change. @throws {StatusError} to refuse */
  beginUpdate?(draft: ObjectDraft, old: ApiObject, dryRun: boolean): Reservation | undefined;
  /** What is written in the same commit as the object; both or none. */
  sideWrites?(before: ApiObject | undefined, after: ObjectDraft | undefined): readonly SideWrite[];
}

/** An object that comes or goes with another. */
export interface SideWrite {
  readonly served: ServedResource;
  /** Below the prefix of its kind. */
  readonly key: string;
  /** Undefined to delete it. */
  readonly draft: ObjectDraft | undefined;
}

/** A reservation of nothing. */
export const nothingReserved: Reservation = { keep: () => undefined, giveBack: () => undefined };
