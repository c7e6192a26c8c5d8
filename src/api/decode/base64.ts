import { DecodeError } from "./decode-error.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const wellFormed = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

/**
 * The stored form of bytes: base64 without line breaks, unused bits zero.
 * @throws {DecodeError} when it is no base64, with the position that Go names
 */
export function canonicalBase64(text: string): string {
  if (wellFormed.test(text)) return text;
  const fault = findFault(text);
  if (fault !== undefined) throw new DecodeError(`illegal base64 data at input byte ${fault}`);
  const packed = text.replace(/[\r\n]/g, "");
  if (!packed.endsWith("=")) return packed;
  const used = packed.endsWith("==") ? packed.length - 3 : packed.length - 2;
  const unusedBits = packed.endsWith("==") ? 0b1111 : 0b11;
  const last = alphabet.indexOf(packed[used] as string) & ~unusedBits;
  return packed.slice(0, used) + alphabet[last] + packed.slice(used + 1);
}

/** Where Go's decoder stops: line breaks count, and an incomplete group of four is found at its beginning. */
function findFault(text: string): number | undefined {
  let filled = 0;
  let index = 0;
  for (; index < text.length; index += 1) {
    const character = text[index] as string;
    if (character === "\n" || character === "\r") continue;
    if (character === "=") return findPaddingFault(text, index, filled);
    if (!alphabet.includes(character)) return index;
    filled = (filled + 1) % 4;
  }
  return filled === 0 ? undefined : text.length - filled;
}

function findPaddingFault(text: string, padding: number, filled: number): number | undefined {
  if (filled < 2) return padding;
  let next = skipBreaks(text, padding + 1);
  if (filled === 2) {
    if (next === text.length) return text.length;
    if (text[next] !== "=") return next - 1;
    next = skipBreaks(text, next + 1);
  }
  return next < text.length ? next : undefined;
}

function skipBreaks(text: string, start: number): number {
  let index = start;
  while (text[index] === "\n" || text[index] === "\r") index += 1;
  return index;
}
