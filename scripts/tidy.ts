/** `npm run check:tidy`: checks every source file against the rules in `scripts/tidy/`. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkFile } from "./tidy/check-file.ts";

const root = join(import.meta.dirname, "..");
const files = globSync(["src/**/*.ts", "test/**/*.ts", "bench/**/*.ts", "scripts/**/*.ts"], { cwd: root }).sort();
const findings = files.flatMap((file) => checkFile(file, readFileSync(join(root, file), "utf8")));
for (const { file, line, rule, message } of findings) console.error(`${file}:${line}: [${rule}] ${message}`);
console.log(`${files.length} files, ${findings.length} findings`);
process.exitCode = findings.length > 0 ? 1 : 0;
