import { createRealClock } from "../base/real-clock.ts";
import { describeCluster } from "../cluster/describe-cluster.ts";
import { describeFlags, optionsOf, readFlags, whichFlags } from "./cluster-flags.ts";

const help = `k8ts status: say how a cluster does; the exit code is 0 when it runs and its nodes are ready

${describeFlags(whichFlags)}
`;

/** `k8ts status`. */
export async function run(parameters: string[]): Promise<number> {
  const values = readFlags(whichFlags, parameters);
  if (values["help"] === true) {
    process.stdout.write(help);
    return 0;
  }
  const { isWell, lines } = await describeCluster(optionsOf(values), createRealClock());
  process.stdout.write(`${lines.join("\n")}\n`);
  return isWell ? 0 : 1;
}
