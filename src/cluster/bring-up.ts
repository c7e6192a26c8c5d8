import type { Clock } from "../base/clock.ts";
import { addToKubeconfig, loadKubeconfig } from "../client/kubeconfig.node.ts";
import { essentialImages } from "../machine/image-catalog.ts";
import { createImageLibrary } from "../machine/image-library.ts";
import { judgeMachine, readCapabilities } from "../machine/machine-check.ts";
import { StartError, startInBackground } from "./background.ts";
import { installPackages, missingPackages, nodePackages } from "./debian-packages.ts";
import { layoutOf } from "./layout.ts";
import { type ClusterOptions, OptionError } from "./options.ts";
import type { Progress } from "./progress.ts";
import { findServer, readSavedOptions } from "./server-state.ts";
import { kubeconfigFiles } from "./take-down.ts";

/**
 * Puts in place what a cluster needs and starts it in the background. One that runs already is left alone.
 * @param serverCommand the program that runs a cluster in the foreground
 * @throws {OptionError | PackageError | StartError} with one sentence for the user; nothing is left half-started
 */
export async function bringUp(parts: {
  readonly options: ClusterOptions;
  readonly serverCommand: readonly [string, ...string[]];
  readonly progress: Progress;
  readonly write: (text: string) => void;
  readonly clock: Clock;
}): Promise<void> {
  const { options, progress } = parts;
  const layout = layoutOf(options);
  if (process.getuid?.() !== 0) throw new OptionError("a node needs root: run this as root, for example with sudo");
  const running = (await findServer(layout)) !== undefined;
  if (running) {
    await refuseOtherOptions(options);
    await progress.step("cluster", async () => "runs already");
  } else {
    await progress.step("Debian packages", async (say) => {
      const missing = await missingPackages(nodePackages);
      if (missing.length === 0) return "in place";
      await installPackages(missing, say);
      return `installed ${missing.join(", ")}`;
    });
    await progress.step("machine", async () => {
      const machine = await readCapabilities({
        dataFolder: options.dataFolder,
        ports: [options.port, options.nodePort],
      });
      const findings = judgeMachine(machine);
      const error = findings.find(({ severity }) => severity === "error");
      if (error !== undefined) throw new OptionError(error.message);
      return findings.length === 0 ? "has what a node needs" : findings.map(({ message }) => message).join("; ");
    });
    await progress.step("images", async (say) => {
      const made: string[] = [];
      await createImageLibrary({ folder: layout.imageFolder }).ensure(essentialImages, (name, isNew) => {
        if (isNew) made.push(name);
        say(name);
      });
      return made.length === 0 ? "in place" : `made ${made.join(", ")}`;
    });
    await startInBackground(parts.serverCommand, options, parts.write);
  }
  await progress.step("context", async () => {
    const entry = await loadKubeconfig([layout.kubeconfig]);
    const cluster = entry.clusters.get(options.name);
    const user = entry.users.get(options.name);
    if (cluster === undefined || user === undefined) throw new StartError(`${layout.kubeconfig} is not the cluster's`);
    const file = await addToKubeconfig(kubeconfigFiles(options), { name: options.name, cluster, user });
    return `${options.name} in ${file}`;
  });
}

/** A running cluster keeps the options that it was started with. */
async function refuseOtherOptions(options: ClusterOptions): Promise<void> {
  const saved = await readSavedOptions(layoutOf(options));
  if (saved === undefined || JSON.stringify(saved) === JSON.stringify(options)) return;
  throw new OptionError(
    `cluster ${options.name} runs with other options: end it first with "down --name ${options.name}"`,
  );
}
