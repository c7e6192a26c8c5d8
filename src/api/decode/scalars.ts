import { canonicalQuantity, quantityRule } from "../quantity.ts";
import type { ScalarName } from "../schema.ts";
import { DecodeError } from "./decode-error.ts";
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

/** Most that an int32 holds. */
const maxInt32 = 2_147_483_647;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads one scalar into its stored form.
 * @param mismatch builds the error for a value of the wrong JSON type, given the type that was expected
 * @throws {DecodeError}
 */
export function decodeScalar(scalar: ScalarName, value: unknown, mismatch: (goType: string) => DecodeError): unknown {
  switch (scalar) {
    case "string":
      if (typeof value !== "string") throw mismatch("string");
      return value;
    case "bool":
      if (typeof value !== "boolean") throw mismatch("bool");
      return value;
    case "int32":
      if (typeof value !== "number" || !Number.isInteger(value) || Math.abs(value) > maxInt32 + Number(value < 0))
        throw mismatch("int32");
      return value;
    case "int64":
      if (typeof value === "bigint") return value;
      if (typeof value !== "number" || !Number.isInteger(value)) throw mismatch("int64");
      return value;
    case "float64":
      if (typeof value !== "number") throw mismatch("float64");
      return value;
    case "bytes":
      if (typeof value !== "string") throw mismatch("[]uint8");
      return decodeBase64(value);
    case "quantity":
      if (typeof value !== "string" && typeof value !== "number") throw new DecodeError(quantityRule);
      return decodeQuantity(value);
    case "intOrString":
      if (typeof value !== "string" && !(typeof value === "number" && Number.isInteger(value))) throw mismatch("int32");
      return value;
    case "time":
      if (typeof value !== "string") throw mismatch("string");
      return canonicalTime(value);
    case "microTime":
      if (typeof value !== "string") throw mismatch("string");
      return canonicalMicroTime(value);
    case "duration":
      if (typeof value !== "string") throw mismatch("string");
      return value;
    case "stringList":
      if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) throw mismatch("[]string");
      return [...value];
    case "rawExtension":
    case "fieldsV1":
    case "json":
      return value;
  }
}

function decodeQuantity(value: string | number): string {
  try {
    return canonicalQuantity(value);
  } catch (error) {
    throw new DecodeError((error as Error).message, { cause: error });
  }
}

function decodeBase64(text: string): string {
  const packed = text.replace(/[\r\n]/g, "");
  if (base64Pattern.test(packed)) return packed;
  const bad = /[^A-Za-z0-9+/]/.exec(packed)?.index ?? packed.length;
  throw new DecodeError(`illegal base64 data at input byte ${bad}`);
}
