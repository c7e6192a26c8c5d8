import { createHash } from "node:crypto";
import { createSeededRandom, randomInteger } from "../../src/base/random.ts";

/** Longest filling: more than a page of the store file. */
const maxFillingBytes = 20_000;

/** What a value says about itself, so that whoever reads it can tell whether it is whole and where it belongs. */
export interface StoredValue {
  readonly key: string;
  readonly revision: number;
  /** Operations of the commit that wrote it. */
  readonly width: number;
  /** Seed of the filling. */
  readonly seed: number;
  readonly filling: string;
}

/** Writes a value whose filling, of a length by chance, can be told from its seed. */
export function encodeStoredValue(value: Omit<StoredValue, "filling">): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...value, filling: fillingOf(value.seed) }));
}

/**
 * Reads a value and checks that it is whole.
 * @throws {Error} it is not what was written
 */
export function decodeStoredValue(bytes: Uint8Array): StoredValue {
  const value = JSON.parse(new TextDecoder().decode(bytes)) as StoredValue;
  if (value.filling !== fillingOf(value.seed)) throw new Error(`the value of ${value.key} is damaged`);
  return value;
}

function fillingOf(seed: number): string {
  const random = createSeededRandom(seed);
  const length = randomInteger(random, 5) === 0 ? randomInteger(random, maxFillingBytes) : randomInteger(random, 3000);
  const block = createHash("sha256").update(String(seed)).digest("hex");
  return block.repeat(Math.ceil(length / block.length)).slice(0, length);
}
