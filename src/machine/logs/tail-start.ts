import type { FileHandle } from "node:fs/promises";

/** Bytes looked at in one step, from the end of the file backwards. */
const blockBytes = 16_384;

const newline = 0x0a;

/**
 * Where the last `lines` lines of a file begin, without reading more of it than they fill. A last line without newline
 * does not count.
 */
export async function findTailStart(file: FileHandle, lines: number): Promise<number> {
  const { size } = await file.stat();
  let wanted = lines;
  for (let end = size; end > 0; end -= blockBytes) {
    const start = Math.max(0, end - blockBytes);
    const block = Buffer.alloc(end - start);
    const { bytesRead } = await file.read(block, 0, block.length, start);
    for (let at = block.lastIndexOf(newline, bytesRead - 1); at >= 0; at = lastBefore(block, at)) {
      if (wanted === 0) return start + at + 1;
      wanted -= 1;
    }
  }
  return 0;
}

function lastBefore(block: Buffer, at: number): number {
  return at === 0 ? -1 : block.lastIndexOf(newline, at - 1);
}
