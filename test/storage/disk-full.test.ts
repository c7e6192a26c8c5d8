import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { DiskFullReport } from "./disk-full.ts";

/** Whether a file system can be mounted where nobody else sees it. */
const canMount = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", tmpdir()]).status === 0;

const diskBytes = 4 * 1024 * 1024;

/** Runs the scenario on a small disk of its own, which is gone with the process. */
function fillDisk(): DiskFullReport {
  const folder = mkdtempSync(join(tmpdir(), "k8ts-full-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const script = 'mount -t tmpfs -o "size=$1" none "$2" && exec "$3" "$4" "$2"';
  const program = new URL("disk-full.ts", import.meta.url).pathname;
  const { stdout, stderr } = spawnSync(
    "unshare",
    ["--mount", "sh", "-c", script, "sh", String(diskBytes), folder, process.execPath, program],
    { encoding: "utf8", timeout: 60_000 },
  );
  if (stdout === "") throw new Error(`the scenario failed: ${stderr}`);
  return JSON.parse(stdout) as DiskFullReport;
}

it.skipIf(!canMount)("refuses just what a full disk cannot take, and goes on when there is room (needs mount)", () => {
  const report = fillDisk();
  const { acknowledged, refused, whenFull, afterwards, highestTold, reopened } = report;
  expect(acknowledged.length).toBeGreaterThan(20);
  expect(refused.length).toBeGreaterThan(1);
  expect(report.messages).toEqual(["the write could not be made durable: database or disk is full"]);
  expect({ keys: whenFull.keys.toSorted(), watched: whenFull.watched.toSorted() }).toEqual({
    keys: acknowledged.toSorted(),
    watched: acknowledged.toSorted(),
  });
  expect(afterwards).toHaveLength(2);
  expect(Math.min(...afterwards)).toBeGreaterThan(highestTold);
  expect({ keys: reopened.keys.toSorted(), watched: reopened.watched.toSorted() }).toEqual({
    keys: reopened.expectedKeys,
    watched: reopened.expectedKeys,
  });
  expect(report.newStore).toMatch(/^StoreOpenError: .*store\.db cannot be opened: .*(full|no space)/i);
});
