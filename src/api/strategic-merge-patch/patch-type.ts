import { goQuote } from "../go-quote.ts";
import { PatchError } from "../patch-error.ts";
import type { FieldType, ScalarName } from "../schema.ts";

/** What the schema says of the field that a patch's key names. */
export interface PatchField {
  readonly type: FieldType;
  readonly strategy: "" | "merge" | "replace";
  /** Patches of this field carry the list of keys to keep. */
  readonly retainKeys: boolean;
  /** The member that tells items of a list apart; empty for lists of plain values. */
  readonly mergeKey: string;
}

/**
 * Finds the field of an object type.
 * @throws {PatchError} 500, as upstream, when the type is no object or has no such field
 */
export function patchField(type: FieldType, key: string): PatchField {
  if (type.kind !== "struct")
    throw new PatchError(500, `merging an object in json but data type is not struct, instead is: ${goKind(type)}`);
  const field = type.struct.byName.get(key);
  if (field === undefined) {
    const name = type.struct.name.slice(type.struct.name.lastIndexOf(".") + 1);
    throw new PatchError(500, `unable to find api field in struct ${name} for the json field ${goQuote(key)}`);
  }
  const strategies = (field.row.patchStrategy ?? "").split(",");
  const strategy = strategies.find((name) => name !== "retainKeys") ?? "";
  return {
    type: field.type,
    strategy: strategy === "merge" || strategy === "replace" ? strategy : "",
    retainKeys: strategies.includes("retainKeys"),
    mergeKey: field.row.patchMergeKey ?? "",
  };
}

/**
 * Finds a list field; the type is that of its items.
 * @throws {PatchError} 500 when it is no list
 */
export function patchListField(type: FieldType, key: string): PatchField {
  const field = patchField(type, key);
  const item = itemType(field.type);
  if (item === undefined) throw new PatchError(500, `expected slice or array type, but got: ${goKind(type)}`);
  if (itemType(item) !== undefined) throw new PatchError(500, "unexpected slice of slice");
  return { ...field, type: item };
}

const text: FieldType = { kind: "scalar", scalar: "string" };

function itemType(type: FieldType): FieldType | undefined {
  if (type.kind === "list") return type.element;
  return type.kind === "scalar" && (type.scalar === "bytes" || type.scalar === "stringList") ? text : undefined;
}

const plainKinds: ReadonlySet<ScalarName> = new Set(["string", "bool", "int32", "int64", "float64"]);

/** The name that Go has for this kind of type. */
export function goKind(type: FieldType): string {
  if (type.kind === "list") return "slice";
  if (type.kind !== "scalar") return type.kind;
  if (plainKinds.has(type.scalar)) return type.scalar;
  return type.scalar === "bytes" || type.scalar === "stringList" ? "slice" : "struct";
}
