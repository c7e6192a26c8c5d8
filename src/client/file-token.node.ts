import { readFile } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";

/** A file with a token is read again after this time. Source: client-go. */
const tokenAgeMs = 60_000;

/**
 * A token that stands in a file and is renewed there. While the file cannot be read the last token that was counts.
 * @param initial counts until the file can be read
 * @returns a function that throws when there is no token at all
 */
export function createFileToken(
  path: string,
  initial: string | undefined,
  clock: Clock,
): () => Promise<string | undefined> {
  let known = initial;
  let readAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    if (clock.monotonicMs() - readAtMs < tokenAgeMs) return known;
    try {
      known = (await readFile(path, "utf8")).trim();
      readAtMs = clock.monotonicMs();
    } catch (error) {
      if (known === undefined) throw error;
    }
    return known;
  };
}
