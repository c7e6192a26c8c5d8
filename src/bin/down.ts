import { createLogger } from "../base/log.ts";
import { createRealClock } from "../base/real-clock.ts";
import { layoutOf } from "../cluster/layout.ts";
import { createProgress } from "../cluster/progress.ts";
import { readSavedOptions } from "../cluster/server-state.ts";
import { takeDown } from "../cluster/take-down.ts";
import { describeFlags, optionsOf, readFlags, whichFlags } from "./cluster-flags.ts";

const flags = [
  ...whichFlags,
  { name: "delete", help: "delete the cluster's data too: objects, images, volumes" },
] as const;

const help = `k8ts down: stop a cluster and leave nothing behind on the machine; its data stay for the next start

${describeFlags(flags)}
`;

/** `k8ts down`. */
export async function run(parameters: string[]): Promise<number> {
  const values = readFlags(flags, parameters);
  if (values["help"] === true) {
    process.stdout.write(help);
    return 0;
  }
  const given = optionsOf(values);
  const options = (await readSavedOptions(layoutOf(given))) ?? given;
  const clock = createRealClock();
  const write = (text: string): void => void process.stdout.write(text);
  await takeDown(
    {
      options: { ...options, dataFolder: given.dataFolder },
      deletesData: values["delete"] === true,
      progress: createProgress({ clock, write, isTerminal: process.stdout.isTTY }),
      clock,
      logger: createLogger({ clock, write: (line) => process.stderr.write(`${line}\n`), level: "warn" }),
    },
    new AbortController().signal,
  );
  return 0;
}
