import type { LogRow } from "../write-log.ts";

/** Rows on their way to the worker: two objects, whatever their number, one of which moves without being copied. */
export interface RowBatch {
  readonly keys: readonly string[];
  /** `fieldsPerRow` numbers for each row, then the values one behind the other. */
  readonly buffer: ArrayBuffer;
}

/** Revision, create revision, previous revision, expiry time (NaN: never), bytes of the value (-1: a delete). */
const fieldsPerRow = 5;

const fieldBytes = fieldsPerRow * Float64Array.BYTES_PER_ELEMENT;

/** Smallest buffer made: most batches fit, so that the same buffer goes back and forth for ever. */
const minBufferBytes = 64 * 1024;

/**
 * Copies rows into a buffer that may be given away; the values stay with their owners.
 * @param spare a buffer to use again if it is large enough
 */
export function packRows(rows: readonly LogRow[], spare: ArrayBuffer | undefined): RowBatch {
  const valuesAt = rows.length * fieldBytes;
  const size = rows.reduce((sum, row) => sum + (row.value?.byteLength ?? 0), valuesAt);
  const buffer = spare !== undefined && spare.byteLength >= size ? spare : createBuffer(size);
  const fields = new Float64Array(buffer, 0, rows.length * fieldsPerRow);
  const bytes = new Uint8Array(buffer);
  let valueAt = valuesAt;
  let fieldAt = 0;
  for (const row of rows) {
    fields[fieldAt] = row.revision;
    fields[fieldAt + 1] = row.createRevision;
    fields[fieldAt + 2] = row.previousRevision;
    fields[fieldAt + 3] = row.expiresAtMs ?? Number.NaN;
    fields[fieldAt + 4] = row.value?.byteLength ?? -1;
    fieldAt += fieldsPerRow;
    if (row.value === undefined) continue;
    bytes.set(row.value, valueAt);
    valueAt += row.value.byteLength;
  }
  return { keys: rows.map((row) => row.key), buffer };
}

/** Reads rows back; their values are parts of the buffer. */
export function* unpackRows({ keys, buffer }: RowBatch): Generator<LogRow> {
  const fields = new Float64Array(buffer, 0, keys.length * fieldsPerRow);
  let valueAt = keys.length * fieldBytes;
  let fieldAt = 0;
  for (const key of keys) {
    const expiresAtMs = fields[fieldAt + 3] as number;
    const valueBytes = fields[fieldAt + 4] as number;
    yield {
      key,
      revision: fields[fieldAt] as number,
      createRevision: fields[fieldAt + 1] as number,
      previousRevision: fields[fieldAt + 2] as number,
      value: valueBytes < 0 ? undefined : new Uint8Array(buffer, valueAt, valueBytes),
      expiresAtMs: Number.isNaN(expiresAtMs) ? undefined : expiresAtMs,
    };
    fieldAt += fieldsPerRow;
    valueAt += Math.max(0, valueBytes);
  }
}

function createBuffer(size: number): ArrayBuffer {
  return new ArrayBuffer(Math.max(minBufferBytes, 2 ** Math.ceil(Math.log2(size))));
}
