import { DecodeError, decodeObject, decodeUnstructured } from "../../api/decode.ts";
import { FieldPath, fieldError } from "../../api/field-error.ts";
import { goFormat } from "../../api/go-format.ts";
import { encodeJson } from "../../api/json.ts";
import { applyJsonPatch, decodeJsonPatch, type JsonPatchOperation } from "../../api/json-patch.ts";
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from "../../api/json-value.ts";
import { applyMergePatch } from "../../api/merge-patch.ts";
import { readJsonPatch, readMergePatch, readStrategicMergePatch } from "../../api/patch-body.ts";
import { PatchError, patchFailure } from "../../api/patch-error.ts";
import { invalid } from "../../api/status-error.ts";
import { applyStrategicMergePatch } from "../../api/strategic-merge-patch.ts";
import { compareUtf8 } from "../../api/utf8.ts";
import type { ObjectDraft } from "../registry/write-request.ts";
import { type BodyKind, unknownKind } from "./request-body.ts";

/** Kinds of patches that are applied to what is stored. */
export type PatchKind = "json" | "merge" | "strategic";

/** A patch, on its way to becoming an object. */
export interface RequestPatch {
  /**
   * Makes the patched object. Called again when another write came between.
   * @throws {StatusError} when the patch cannot be read or does not apply
   */
  applyTo(current: object, kind: BodyKind): ObjectDraft;
}

/** How strict a patch is read, and where its complaints go. */
export interface PatchReading {
  readonly fieldValidation: "Ignore" | "Warn" | "Strict";
  warn(message: string): void;
}

/** A patch as it was read. */
type ReadPatch = { readonly problems: readonly string[] } & (
  | { readonly kind: "json"; readonly operations: readonly JsonPatchOperation[] }
  | { readonly kind: "merge"; readonly patch: JsonValue }
  | { readonly kind: "strategic"; readonly patch: JsonObject }
);

/** A patch in the bytes of a request. It is read when it is applied, because a missing object is reported first. */
export function patchFromBytes(kind: PatchKind, bytes: Uint8Array, reading: PatchReading): RequestPatch {
  const isStrict = reading.fieldValidation !== "Ignore";
  return createPatch(() => {
    switch (kind) {
      case "json":
        return { kind, ...readJsonPatch(bytes, isStrict) };
      case "merge":
        return { kind, ...readMergePatch(bytes, isStrict) };
      case "strategic":
        return { kind, ...readStrategicMergePatch(bytes, isStrict) };
    }
  }, reading);
}

/** A patch that is in memory already. */
export function patchFromValue(kind: PatchKind, value: unknown, reading: PatchReading): RequestPatch {
  return createPatch(() => {
    switch (kind) {
      case "json":
        return { kind, ...decodeJsonPatch(value, reading.fieldValidation !== "Ignore") };
      case "merge":
        return { kind, patch: value as JsonValue, problems: [] };
      case "strategic":
        return { kind, patch: value as JsonObject, problems: [] };
    }
  }, reading);
}

function createPatch(read: () => ReadPatch, reading: PatchReading): RequestPatch {
  let patch: ReadPatch | undefined;
  return {
    applyTo(current, kind) {
      try {
        patch ??= read();
        return decodePatched(apply(patch, current as JsonObject, kind), patch, kind, reading);
      } catch (error) {
        if (error instanceof PatchError) throw patchFailure(error);
        throw error;
      }
    },
  };
}

/** A patched value, and how messages about it show what went wrong. */
interface Patched {
  readonly value: JsonValue;
  readonly shown: () => string;
}

function apply(patch: ReadPatch, current: JsonObject, kind: BodyKind): Patched {
  if (patch.kind === "strategic") {
    const { object, remainder } = applyStrategicMergePatch(kind.schema, current, patch.patch);
    return { value: object, shown: () => goFormat(remainder) };
  }
  if (patch.kind === "json") {
    const value = applyJsonPatch(current, patch.operations);
    return { value, shown: () => encodeJson(sortTouched(value, touchedBy(patch.operations))) };
  }
  const value = applyMergePatch(current, patch.patch);
  return { value, shown: () => encodeJson(sortTouched(value, patch.patch)) };
}

/** A patched value as upstream shows it: what the patch went through has its keys in order, the rest is as it was. */
function sortTouched(value: JsonValue, touched: JsonValue | undefined): JsonValue {
  if (!isJsonObject(value) || !isJsonObject(touched)) return value;
  const keys = Object.keys(value).sort(compareUtf8);
  return Object.fromEntries(keys.map((key) => [key, sortTouched(value[key] as JsonValue, getOwn(touched, key))]));
}

/** The places that operations go through, as nested objects. */
function touchedBy(operations: readonly JsonPatchOperation[]): JsonObject {
  const root: Record<string, JsonValue> = Object.create(null);
  for (const { path = "", from = "" } of operations)
    for (const pointer of [path, from]) {
      const keys = pointer.split("/").slice(1, -1);
      let place = root;
      for (const key of keys.map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~")))
        place = (place[key] ??= Object.create(null)) as Record<string, JsonValue>;
    }
  return root;
}

function decodePatched(
  { value, shown }: Patched,
  patch: ReadPatch,
  kind: BodyKind,
  reading: PatchReading,
): ObjectDraft {
  try {
    checkType(patch, value, kind, shown);
    const decode = patch.kind === "strategic" ? decodeUnstructured : decodeObject;
    const { object, problems } = decode<ObjectDraft>(kind.schema, value);
    report([...patch.problems, ...problems], shown, reading);
    return { ...object, kind: kind.kind, apiVersion: kind.apiVersion };
  } catch (error) {
    if (error instanceof DecodeError) throw patchInvalid(shown, error.message);
    throw error;
  }
}

/** A patch cannot make an object another kind. Strategic patches are not asked: they go by the schema alone. */
function checkType(patch: ReadPatch, value: JsonValue, expected: BodyKind, shown: () => string): void {
  if (patch.kind === "strategic" || !isJsonObject(value)) return;
  const kind = String(getOwn(value, "kind") ?? expected.kind);
  const apiVersion = String(getOwn(value, "apiVersion") ?? expected.apiVersion);
  if (kind !== expected.kind || apiVersion !== expected.apiVersion)
    throw patchInvalid(shown, unknownKind(apiVersion, kind));
}

function report(problems: readonly string[], shown: () => string, reading: PatchReading): void {
  if (problems.length === 0 || reading.fieldValidation === "Ignore") return;
  if (reading.fieldValidation === "Warn") for (const problem of problems) reading.warn(problem);
  else throw patchInvalid(shown, `strict decoding error: ${problems.join(", ")}`);
}

/** 422 about the whole patched object, of no kind. */
function patchInvalid(shown: () => string, why: string): Error {
  return invalid({ group: "", kind: "" }, "", [fieldError.invalid(FieldPath.of("patch"), shown(), why)]);
}
