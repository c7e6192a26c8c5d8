import { type Random, randomInteger } from "./random.ts";

/** Letters and digits of generated names: no vowels, and nothing that looks like something else. */
const nameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/** A random name part such as the `x7k2p` of a generated pod name. Source: the API's generateName, five characters. */
export function randomNameSuffix(random: Random, length = 5): string {
  let suffix = "";
  for (let index = 0; index < length; index += 1) suffix += nameAlphabet[randomInteger(random, nameAlphabet.length)];
  return suffix;
}

/** Writes a number in the alphabet of generated names, one letter per decimal digit, as pod template hashes are. */
export function safeEncode(digits: string): string {
  let encoded = "";
  for (const digit of digits) encoded += nameAlphabet[digit.charCodeAt(0) % nameAlphabet.length];
  return encoded;
}

const hexByte = Array.from({ length: 256 }, (_unused, byte) => byte.toString(16).padStart(2, "0"));

/** A random version 4 UUID: the `uid` of an object. */
export function createUid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  let uid = "";
  for (let index = 0; index < 16; index += 1) {
    if (index === 4 || index === 6 || index === 8 || index === 10) uid += "-";
    uid += hexByte[bytes[index] ?? 0];
  }
  return uid;
}
