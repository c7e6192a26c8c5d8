/** `npm run check:types`: type-checks every environment and reports all of them, even when the first fails. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const failed = ["tsconfig.neutral.json", "tsconfig.node.json"].filter(
  (config) => spawnSync("tsc", ["-p", config], { cwd: root, stdio: "inherit" }).status !== 0,
);
process.exitCode = failed.length > 0 ? 1 : 0;
