import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** A log is put aside when it has grown beyond this; one old log is kept. */
const maxLogBytes = 10 * 1024 * 1024;

/** Opens a log file for appending. Lines are written at once, so that the last ones before a crash are there. */
export function openLogFile(path: string, maxBytes = maxLogBytes): { write(line: string): void; close(): void } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let file = openSync(path, "a", 0o600);
  let size = fstatSync(file).size;
  return {
    write(line) {
      if (size > maxBytes) {
        closeSync(file);
        renameSync(path, `${path}.old`);
        file = openSync(path, "a", 0o600);
        size = 0;
      }
      size += writeSync(file, `${line}\n`);
    },
    close: () => closeSync(file),
  };
}
