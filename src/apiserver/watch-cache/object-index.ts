import type { ServedResource } from "../resource-table.ts";
import { type Selection, selectableField } from "../selection.ts";
import type { StoredObject } from "../stored-object.ts";

/** Objects filed under values taken from them. */
export interface ObjectIndex {
  under(value: string): ReadonlyMap<string, StoredObject>;
  replace(before: StoredObject | undefined, after: StoredObject | undefined): void;
}

const nothing: ReadonlyMap<string, StoredObject> = new Map();

/** Creates an index over the objects there are; `replace` keeps it current. */
export function createObjectIndex(
  valuesOf: (object: StoredObject) => readonly string[],
  objects: Iterable<StoredObject>,
): ObjectIndex {
  const filed = new Map<string, Map<string, StoredObject>>();
  const file = (object: StoredObject): void => {
    for (const value of valuesOf(object)) {
      let drawer = filed.get(value);
      if (drawer === undefined) {
        drawer = new Map();
        filed.set(value, drawer);
      }
      drawer.set(object.key, object);
    }
  };
  const unfile = (object: StoredObject): void => {
    for (const value of valuesOf(object)) {
      const drawer = filed.get(value);
      drawer?.delete(object.key);
      if (drawer?.size === 0) filed.delete(value);
    }
  };
  for (const object of objects) file(object);
  return {
    under: (value) => filed.get(value) ?? nothing,
    replace(before, after) {
      if (before !== undefined) unfile(before);
      if (after !== undefined) file(after);
    },
  };
}

/** A term of a selection that an index can answer. */
export interface IndexedTerm {
  /** Equal for terms that the same index answers. */
  readonly index: string;
  readonly value: string;
  readonly valuesOf: (object: StoredObject) => readonly string[];
}

/** The term of a selection that is likely to leave the fewest objects; undefined when no index would help. */
export function indexedTerm(served: ServedResource, selection: Selection): IndexedTerm | undefined {
  for (const field of Object.keys(served.definition.selectableFields ?? {})) {
    const value = selection.fields.requiredValue(field);
    if (value === undefined) continue;
    return {
      index: `field ${field}`,
      value,
      valuesOf: ({ value: object }) => [selectableField(served, object, field)],
    };
  }
  for (const { key } of selection.labels.requirements) {
    const value = selection.labels.requiredValue(key);
    if (value === undefined) continue;
    return {
      index: `label ${key}`,
      value,
      valuesOf({ value: { metadata } }) {
        const found = metadata.labels?.[key];
        return found === undefined ? [] : [found];
      },
    };
  }
  return undefined;
}
