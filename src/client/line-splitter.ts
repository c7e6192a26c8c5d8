/** Cuts a stream of bytes into lines. */
export interface LineSplitter {
  /** The lines that end in this chunk, without their line breaks; empty ones are left out. */
  push(chunk: Uint8Array): readonly Uint8Array[];
}

const newline = 10;

/**
 * Creates a splitter.
 * @param maxBytes longest line
 * @throws {Error} from `push` when a line is longer
 */
export function createLineSplitter(maxBytes: number): LineSplitter {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  const keep = (part: Uint8Array): void => {
    if (part.length === 0) return;
    pendingBytes += part.length;
    if (pendingBytes > maxBytes) throw new Error(`a line is longer than ${maxBytes} bytes`);
    pending.push(part);
  };
  const flush = (): Uint8Array => {
    const line = pending.length === 1 ? (pending[0] as Uint8Array) : joined(pending, pendingBytes);
    pending = [];
    pendingBytes = 0;
    return line;
  };
  return {
    push(chunk) {
      const lines: Uint8Array[] = [];
      let start = 0;
      for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
        keep(chunk.subarray(start, end));
        if (pendingBytes > 0) lines.push(flush());
        start = end + 1;
      }
      keep(chunk.subarray(start));
      return lines;
    },
  };
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
