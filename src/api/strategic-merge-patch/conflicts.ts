import { goFormat } from "../go-format.ts";
import { equalJson, isJsonObject, type JsonObject, type JsonValue } from "../json-value.ts";
import { PatchError } from "../patch-error.ts";
import type { FieldType } from "../schema.ts";
import { compareUtf8 } from "../utf8.ts";
import { directiveKey, retainKeysKey } from "./directives.ts";
import { sharedItemKind } from "./item-order.ts";
import { type PatchField, patchField, patchListField } from "./patch-type.ts";

/**
 * Whether two patches of one object change something in different ways.
 * @throws {PatchError} when they do not fit the schema
 */
export function haveConflicts(left: JsonObject, right: JsonObject, type: FieldType): boolean {
  return objectsConflict(left, right, type);
}

type FieldOf = Pick<PatchField, "type" | "strategy" | "mergeKey">;

const untyped: FieldOf = { type: { kind: "scalar", scalar: "json" }, strategy: "", mergeKey: "" };

function valuesConflict(left: JsonValue, right: JsonValue, field: FieldOf): boolean {
  if (isJsonObject(left)) {
    if (!isJsonObject(right)) return true;
    const leftDirective = Object.hasOwn(left, directiveKey) ? left[directiveKey] : undefined;
    const rightDirective = Object.hasOwn(right, directiveKey) ? right[directiveKey] : undefined;
    if (leftDirective !== rightDirective) return true;
    return field.strategy !== "replace" && objectsConflict(left, right, field.type);
  }
  if (Array.isArray(left)) return !Array.isArray(right) || listsConflict(left, right, field);
  return !equalJson(left, right);
}

function objectsConflict(left: JsonObject, right: JsonObject, type: FieldType): boolean {
  return Object.keys(left).some((key) => {
    if (key === directiveKey || key === retainKeysKey || !Object.hasOwn(right, key)) return false;
    const value = left[key] as JsonValue;
    const field = Array.isArray(value)
      ? patchListField(type, key)
      : isJsonObject(value)
        ? patchField(type, key)
        : untyped;
    return valuesConflict(value, right[key] as JsonValue, field);
  });
}

function listsConflict(left: readonly JsonValue[], right: readonly JsonValue[], field: FieldOf): boolean {
  const areObjects = sharedItemKind(left, right) === "object";
  if (field.strategy === "merge") {
    if (!areObjects) return false;
    const others = byMergeKey(right, field.mergeKey);
    for (const [identity, item] of byMergeKey(left, field.mergeKey)) {
      const other = others.get(identity);
      if (other !== undefined && valuesConflict(item, other, { ...untyped, type: field.type })) return true;
    }
    return false;
  }
  if (left.length !== right.length) return true;
  const pairsOf = areObjects ? (list: readonly JsonValue[]) => list : sortedSet;
  const others = pairsOf(right);
  return pairsOf(left).some((item, index) =>
    valuesConflict(item, others[index] ?? null, { ...untyped, type: field.type }),
  );
}

function sortedSet(list: readonly JsonValue[]): JsonValue[] {
  return [...new Set(list)].sort((a, b) => compareUtf8(goFormat(a), goFormat(b)));
}

function byMergeKey(list: readonly JsonValue[], mergeKey: string): Map<string, JsonObject> {
  const items = new Map<string, JsonObject>();
  for (const item of list) {
    if (!isJsonObject(item)) throw new PatchError(500, `invalid element type in merging list:${goFormat(list)}`);
    if (!Object.hasOwn(item, mergeKey))
      throw new PatchError(500, `cannot find merge key \`${mergeKey}\` in merging list element:${goFormat(item)}`);
    items.set(goFormat(item[mergeKey]), item);
  }
  return items;
}
