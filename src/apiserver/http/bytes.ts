/** One array with the content of several; the array itself when there is only one. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Joins small parts so that each write to a socket is worth its cost. */
export function* joinParts(parts: Iterable<Uint8Array>, targetBytes: number): Generator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    waiting.push(part);
    size += part.length;
    if (size < targetBytes) continue;
    yield concatBytes(waiting);
    waiting = [];
    size = 0;
  }
  if (size > 0) yield concatBytes(waiting);
}
