import type { Secret } from "../../api/types/core-v1.ts";
import { bytesOfBase64 } from "../../base/base64.ts";

/** A value of a Secret as text; empty when there is none. */
export function secretText(secret: Secret, key: string): string {
  const encoded = secret.data !== undefined && Object.hasOwn(secret.data, key) ? secret.data[key] : undefined;
  return encoded === undefined ? "" : textOfBytes(bytesOfBase64(encoded));
}

/** UTF-8 text, with replacement characters where bytes are no text. */
export function textOfBytes(bytes: Uint8Array): string {
  return new TextDecoder("utf-8").decode(bytes);
}

/** Compares secrets in a time that does not tell where they differ, only whether their lengths do. */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = new TextEncoder().encode(a);
  const right = new TextEncoder().encode(b);
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let index = 0; index < left.length; index += 1) difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}
