import type { Draft } from "../../api/draft.ts";

/** A copy of an object that can be changed. Maps keep having no prototype. */
export function draftOf<T>(value: T): Draft<T> {
  return copy(value) as Draft<T>;
}

function copy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const target = Object.getPrototypeOf(value) === null ? Object.create(null) : {};
  for (const key of Object.keys(value)) target[key] = copy((value as Record<string, unknown>)[key]);
  return target;
}
