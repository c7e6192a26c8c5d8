import { goQuote } from "../go-quote.ts";
import { isJsonObject, type JsonObject, type JsonValue, setOwn } from "../json-value.ts";
import { PatchError } from "../patch-error.ts";

/** A place in a document that a pointer leads to: a container that exists, and a key in it that may not. */
export interface JsonPlace {
  /** The last step of the pointer, unescaped. */
  readonly key: string;
  /** What stands there; undefined for a missing member of an object. Throws for an index outside a list. */
  get(): JsonValue | undefined;
  /** Replaces what stands there, or adds it to an object. */
  set(value: JsonValue): void;
  /** Inserts into a list, sets in an object. */
  add(value: JsonValue): void;
  remove(): void;
}

/** A document being patched. Containers are copied when they are first written to. */
export interface JsonEditor {
  document(): JsonValue;
  replaceDocument(value: JsonValue): void;
  /** Follows a JSON pointer; undefined when a container on the way is missing. */
  open(pointer: string): JsonPlace | undefined;
}

type MutableObject = { [key: string]: JsonValue };
type Container = JsonObject | readonly JsonValue[];

/** Begins to edit a document, which is never changed itself. */
export function createJsonEditor(original: JsonValue): JsonEditor {
  let root = original;
  const owned = new Set<Container>();

  const own = (container: Container): Container => {
    if (owned.has(container)) return container;
    const copy = Array.isArray(container) ? [...container] : { ...container };
    owned.add(copy);
    return copy;
  };

  /** Copies every container from the root to the one that `steps` lead to, and gives that one. */
  const ownPath = (steps: readonly string[]): Container => {
    let container = own(root as Container);
    root = container as JsonValue;
    for (const step of steps) {
      const child = own(childOf(container, step) as Container);
      if (Array.isArray(container)) container[listIndex(container, step)] = child;
      else setOwn(container as MutableObject, step, child as JsonValue);
      container = child;
    }
    return container;
  };

  return {
    document: () => root,
    replaceDocument(value) {
      root = value;
    },
    open(pointer) {
      const parts = pointer.split("/");
      if (parts.length < 2) return undefined;
      const steps = parts.slice(1, -1).map(unescapeStep);
      const container = follow(root, steps);
      if (container === undefined) return undefined;
      return createPlace(unescapeStep(parts[parts.length - 1] as string), container, () => ownPath(steps));
    },
  };
}

function createPlace(key: string, container: Container, own: () => Container): JsonPlace {
  if (!Array.isArray(container))
    return {
      key,
      get: () => (Object.hasOwn(container, key) ? (container as JsonObject)[key] : undefined),
      set: (value) => setOwn(own() as MutableObject, key, value),
      add: (value) => setOwn(own() as MutableObject, key, value),
      remove() {
        if (!Object.hasOwn(container, key))
          throw new PatchError(422, `Unable to remove nonexistent key: ${key}: missing value`);
        delete (own() as MutableObject)[key];
      },
    };
  const list = container as readonly JsonValue[];
  return {
    key,
    get: () => list[listIndex(list, key)],
    set(value) {
      const index = listIndex(list, key);
      (own() as JsonValue[])[index] = value;
    },
    add(value) {
      const index = key === "-" ? list.length : insertionIndex(list, key);
      (own() as JsonValue[]).splice(index, 0, value);
    },
    remove() {
      const index = listIndex(list, key);
      (own() as JsonValue[]).splice(index, 1);
    },
  };
}

function follow(root: JsonValue, steps: readonly string[]): Container | undefined {
  let value: JsonValue | undefined = root;
  for (const step of steps) {
    if (!isContainer(value)) return undefined;
    try {
      value = childOf(value, step);
    } catch (error) {
      if (error instanceof PatchError) return undefined;
      throw error;
    }
  }
  return isContainer(value) ? value : undefined;
}

function isContainer(value: JsonValue | undefined): value is Container {
  return Array.isArray(value) || isJsonObject(value);
}

function childOf(container: Container, step: string): JsonValue | undefined {
  if (Array.isArray(container)) return container[listIndex(container, step)];
  return Object.hasOwn(container, step) ? (container as JsonObject)[step] : undefined;
}

/** The index of an item that exists. Negative ones count from the end. */
function listIndex(list: readonly JsonValue[], key: string): number {
  const index = parseIndex(key);
  if (index >= list.length || index < -list.length) throw outside(index);
  return index < 0 ? index + list.length : index;
}

/** Where to insert: up to one behind the last item; -1 means behind the last one. */
function insertionIndex(list: readonly JsonValue[], key: string): number {
  let index: number;
  try {
    index = parseIndex(key);
  } catch (error) {
    throw new PatchError(422, `value was not a proper array index: '${key}': ${(error as Error).message}`, {
      cause: error,
    });
  }
  const places = list.length + 1;
  if (index >= places || index < -places) throw outside(index);
  return index < 0 ? index + places : index;
}

function parseIndex(key: string): number {
  if (!/^[+-]?\d+$/.test(key)) throw new PatchError(422, `strconv.Atoi: parsing ${goQuote(key)}: invalid syntax`);
  const index = Number(key);
  if (!Number.isSafeInteger(index))
    throw new PatchError(422, `strconv.Atoi: parsing ${goQuote(key)}: value out of range`);
  return index;
}

function outside(index: number): PatchError {
  return new PatchError(422, `Unable to access invalid index: ${index}: invalid index referenced`);
}

function unescapeStep(step: string): string {
  return step.includes("~") ? step.replace(/~[01]/g, (escape) => (escape === "~1" ? "/" : "~")) : step;
}
