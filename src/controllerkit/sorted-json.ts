import type { JsonValue } from "../api/json-value.ts";

/**
 * A copy of a JSON value with the keys of every object in byte order: as programs in Go write maps, so that clients
 * that compare bytes find equal what is equal.
 */
export function sortedJson(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(sortedJson);
  if (typeof value !== "object" || value === null) return value as JsonValue;
  const sorted: Record<string, JsonValue> = Object.create(null);
  for (const key of Object.keys(value).sort()) {
    const field = (value as Readonly<Record<string, unknown>>)[key];
    if (field !== undefined) sorted[key] = sortedJson(field);
  }
  return sorted;
}
