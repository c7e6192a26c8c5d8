import type { ApiObject } from "../../api/metadata.ts";
import type { Selection } from "../selection.ts";
import { type Encode, StoredObject } from "../stored-object.ts";

/** What one watcher is told about one change. Shared by all watchers that are told the same. */
export interface WatchedEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** For DELETED the last version, carrying the version of the deletion. */
  readonly object: StoredObject;
  /** The event as bytes, by the id of the encoding: made once, whoever asks first. */
  readonly frames: Map<string, Uint8Array>;
}

/** One change of one object, from which every watcher gets its own view. */
export interface Change {
  readonly key: string;
  readonly revision: number;
  /** The object after the change; undefined when it was deleted. */
  readonly after: StoredObject | undefined;
  /** The object before; undefined when it was created. */
  readonly before: StoredObject | undefined;
  /** When the server heard of it, in milliseconds since the epoch. */
  readonly atMs: number;
  /** What a watcher sees that selects the object before, after, both or neither. */
  seenBy(selectsBefore: boolean, selectsAfter: boolean): WatchedEvent | undefined;
}

/** Creates a change; its events are made when the first watcher needs them. */
export function createChange(
  fields: Pick<Change, "key" | "revision" | "after" | "before" | "atMs">,
  encode: Encode,
): Change {
  const { after, before, revision } = fields;
  let added: WatchedEvent | undefined;
  let modified: WatchedEvent | undefined;
  let deleted: WatchedEvent | undefined;
  return {
    ...fields,
    seenBy(selectsBefore, selectsAfter) {
      if (selectsAfter && after !== undefined) {
        if (selectsBefore) return (modified ??= createEvent("MODIFIED", after));
        return (added ??= createEvent("ADDED", after));
      }
      if (!selectsBefore || before === undefined) return undefined;
      return (deleted ??= createEvent("DELETED", atRevision(before, revision, encode)));
    },
  };
}

/** What a change looks like to someone with this selection; undefined when it is not to be seen. */
export function viewOf(change: Change, selection: Selection): WatchedEvent | undefined {
  const { before, after } = change;
  return change.seenBy(
    before !== undefined && selection.matches(before),
    after !== undefined && selection.matches(after),
  );
}

/** The event that shows an object that is there already. */
export function createEvent(type: WatchedEvent["type"], object: StoredObject): WatchedEvent {
  return { type, object, frames: new Map() };
}

/** The same content under the version at which it stopped being there. */
export function atRevision(object: StoredObject, revision: number, encode: Encode): StoredObject {
  const { value } = object;
  const metadata = Object.freeze({ ...value.metadata, resourceVersion: String(revision) });
  const copy: ApiObject = Object.freeze({ ...value, metadata });
  return StoredObject.made(object.key, revision, copy, encode);
}
