import { join } from "node:path";
import { createRealClock } from "../base/real-clock.ts";
import { bringUp } from "../cluster/bring-up.ts";
import { createProgress } from "../cluster/progress.ts";
import { clusterFlags, describeFlags, optionsOf, readFlags } from "./cluster-flags.ts";

const help = `k8ts up: start a cluster on this machine, in the background

Installs what is missing of Debian's packages, makes the images of the examples, starts the cluster and waits until its
node is ready. Run again, it finds everything in place.

${describeFlags(clusterFlags)}
`;

/** `k8ts up`. */
export async function run(parameters: string[]): Promise<number> {
  const values = readFlags(clusterFlags, parameters);
  if (values["help"] === true) {
    process.stdout.write(help);
    return 0;
  }
  const clock = createRealClock();
  const write = (text: string): void => void process.stdout.write(text);
  await bringUp({
    options: optionsOf(values),
    serverCommand: [process.execPath, join(import.meta.dirname, "k8ts.ts"), "server"],
    progress: createProgress({ clock, write, isTerminal: process.stdout.isTTY }),
    write,
    clock,
  });
  return 0;
}
