/**
 * Entry of `npm run up`, `npm run down` and `npm test`: runs on any Node from 18 up, puts the npm packages in place
 * (Node 24 among them) and hands over to the TypeScript program named by the first argument.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const stampFile = join(modules, ".installed-lock");
const node = join(modules, ".bin", "node");

const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const installed = existsSync(stampFile) && existsSync(node) && readFileSync(stampFile, "utf8") === lock;
if (!installed) {
  process.stderr.write("npm packages: installing\n");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: root, stdio: "inherit" });
  if (npm.status !== 0) {
    process.stderr.write("k8ts: npm could not install the packages in package-lock.json (see above)\n");
    process.exit(npm.status ?? 1);
  }
  writeFileSync(stampFile, lock);
}

const [program = "", ...parameters] = process.argv.slice(2);
const run = spawnSync(node, [join(root, program), ...parameters], { stdio: "inherit" });
if (run.error) process.stderr.write(`k8ts: ${run.error.message}\n`);
process.exit(run.status ?? 1);
