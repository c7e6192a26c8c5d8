import { describe, expect, it } from "vitest";
import type { LogRow } from "../write-log.ts";
import { packRows, unpackRows } from "./row-batch.node.ts";

function row(key: string, valueBytes: number | undefined, expiresAtMs?: number): LogRow {
  const value = valueBytes === undefined ? undefined : new Uint8Array(valueBytes).map((_unused, index) => index % 251);
  return { key, revision: 2 ** 40 + 1, createRevision: 3, previousRevision: 2, value, expiresAtMs };
}

describe("row batch", () => {
  it("gives back the rows that were packed, and leaves the values with their owners", () => {
    const rows = [
      row("/a", 0),
      row("/é😀", 10_000, 1_767_225_600_000.5),
      row("/deleted", undefined),
      row("/b", 100_000),
    ];
    const batch = packRows(rows, undefined);
    expect([...unpackRows(structuredClone(batch, { transfer: [batch.buffer] }))]).toEqual(rows);
    expect(rows[1]?.value?.byteLength).toBe(10_000);
  });

  it("uses a spare buffer that is large enough, whatever it held", () => {
    const spare = new ArrayBuffer(1000);
    new Uint8Array(spare).fill(255);
    const small = packRows([row("/a", 900), row("/b", undefined)], spare);
    expect(small.buffer).toBe(spare);
    expect([...unpackRows(small)]).toEqual([row("/a", 900), row("/b", undefined)]);
    const large = packRows([row("/a", 1001)], spare);
    expect(large.buffer).not.toBe(spare);
    expect([...unpackRows(large)]).toEqual([row("/a", 1001)]);
  });
});
