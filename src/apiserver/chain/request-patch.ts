import { DecodeError, decodeObject } from "../../api/decode.ts";
import { FieldPath, fieldError } from "../../api/field-error.ts";
import { goFormat } from "../../api/go-format.ts";
import { applyJsonPatch, decodeJsonPatch } from "../../api/json-patch.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../api/json-value.ts";
import { applyMergePatch } from "../../api/merge-patch.ts";
import { PatchError, patchFailure } from "../../api/patch-error.ts";
import { badRequest, invalid } from "../../api/status-error.ts";
import { applyStrategicMergePatch } from "../../api/strategic-merge-patch.ts";
import type { ObjectDraft } from "../registry/write-request.ts";
import type { BodyKind } from "./request-body.ts";

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
  /** What the reader of its text found already: fields that are there twice. */
  readonly problems?: readonly string[];
}

/** Creates a patch from parsed JSON. */
export function createRequestPatch(
  type: "json" | "merge" | "strategic",
  patch: JsonValue,
  reading: PatchReading,
): RequestPatch {
  return {
    applyTo(current, kind) {
      const problems = [...(reading.problems ?? [])];
      const { value, shown } = asStatus(() =>
        apply(type, patch, current as unknown as JsonObject, kind, reading, problems),
      );
      try {
        const { object, unknownFields } = decodeObject<ObjectDraft>(kind.schema, value);
        problems.push(...unknownFields.map((field) => `unknown field "${field}"`));
        report(problems, shown, reading);
        return { ...object, kind: kind.kind, apiVersion: kind.apiVersion };
      } catch (error) {
        if (error instanceof DecodeError) throw patchInvalid(shown, error.message);
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

function apply(
  type: "json" | "merge" | "strategic",
  patch: JsonValue,
  current: JsonObject,
  kind: BodyKind,
  reading: PatchReading,
  problems: string[],
): Patched {
  const isStrict = reading.fieldValidation !== "Ignore";
  if (type === "json") {
    const decoded = decodeJsonPatch(patch, isStrict);
    problems.push(...decoded.problems);
    const value = applyJsonPatch(current, decoded.operations);
    return { value, shown: () => JSON.stringify(value) };
  }
  if (type === "merge") {
    const value = applyMergePatch(current, patch);
    return { value, shown: () => JSON.stringify(value) };
  }
  if (!isJsonObject(patch))
    throw badRequest("json: cannot unmarshal array into Go value of type map[string]interface {}");
  const { object, remainder } = applyStrategicMergePatch(kind.schema, current, patch);
  return { value: object, shown: () => goFormat(remainder) };
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

function asStatus<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PatchError) throw patchFailure(error);
    throw error;
  }
}
