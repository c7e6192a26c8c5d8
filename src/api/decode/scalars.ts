import { canonicalQuantity, quantityRule } from "../quantity.ts";
import type { ScalarName } from "../schema.ts";
import { canonicalBase64 } from "./base64.ts";
import { DecodeError, mismatch } from "./decode-error.ts";
import { canonicalDuration } from "./duration.ts";
import { canonicalMicroTime, canonicalTime } from "./time.ts";

/** The zero of each scalar as it stands in a complete object. */
export const zeroScalars: Readonly<Record<ScalarName, unknown>> = {
  string: "",
  bool: false,
  int32: 0,
  int64: 0,
  float64: 0,
  bytes: null,
  quantity: "0",
  intOrString: 0,
  time: null,
  microTime: null,
  duration: "0s",
  rawExtension: null,
  fieldsV1: null,
  json: null,
  stringList: null,
};

/** Most and least that an int32 holds. */
const maxInt32 = 2_147_483_647;
const minInt32 = -2_147_483_648;

/**
 * Reads one scalar into its stored form.
 * @throws {DecodeError} the shared `mismatch` when the value has the wrong JSON type, else an error with its own message
 */
export function decodeScalar(scalar: ScalarName, value: unknown): unknown {
  switch (scalar) {
    case "string":
      if (typeof value !== "string") throw mismatch;
      return value;
    case "bool":
      if (typeof value !== "boolean") throw mismatch;
      return value;
    case "int32":
      if (!isInt32(value)) throw mismatch;
      return value;
    case "int64":
      if (typeof value === "bigint") return value;
      if (!Number.isSafeInteger(value)) throw mismatch;
      return value;
    case "float64":
      if (typeof value === "bigint") return Number(value);
      if (typeof value !== "number") throw mismatch;
      return value;
    case "bytes":
      if (Array.isArray(value)) return btoa(value.map((item) => String.fromCharCode(decodeByte(item))).join(""));
      if (typeof value !== "string") throw mismatch;
      return canonicalBase64(value);
    case "quantity":
      return decodeQuantity(value);
    case "intOrString":
      if (typeof value !== "string" && !isInt32(value)) throw mismatch;
      return value;
    case "time":
      if (typeof value !== "string") throw mismatch;
      return canonicalTime(value);
    case "microTime":
      if (typeof value !== "string") throw mismatch;
      return canonicalMicroTime(value);
    case "duration":
      if (typeof value !== "string") throw mismatch;
      return canonicalDuration(value);
    case "stringList":
      if (!Array.isArray(value)) throw mismatch;
      return value.map(decodeListedText);
    case "rawExtension":
    case "fieldsV1":
    case "json":
      return value;
  }
}

function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) <= maxInt32 && (value as number) >= minInt32;
}

/** Bytes may also be listed as numbers. */
function decodeByte(item: unknown): number {
  if (item === null) return 0;
  if (!isByte(item)) throw mismatch;
  return item;
}

/** Whether a value is a number that a byte holds. */
export function isByte(item: unknown): item is number {
  return Number.isInteger(item) && (item as number) >= 0 && (item as number) <= 255;
}

function decodeListedText(item: unknown): string {
  if (item === null) return "";
  if (typeof item !== "string") throw mismatch;
  return item;
}

function decodeQuantity(value: unknown): string {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint")
    throw new DecodeError(quantityRule);
  try {
    return canonicalQuantity(typeof value === "bigint" ? String(value) : value);
  } catch (error) {
    throw new DecodeError((error as Error).message, { cause: error });
  }
}
