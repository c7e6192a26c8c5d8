import { identifyProcess, type ProcessIdentity } from "../machine/process-table.ts";
import type { ClusterLayout } from "./layout.ts";
import type { ClusterOptions } from "./options.ts";
import { readFileIfPresent, writePrivateFile } from "./private-files.ts";

/** Remembers this process as the one that runs a cluster, and what the cluster was started with. */
export async function rememberServer(layout: ClusterLayout, options: ClusterOptions): Promise<void> {
  const identity = await identifyProcess(process.pid);
  await writePrivateFile(layout.savedOptions, `${JSON.stringify(options, undefined, 2)}\n`);
  await writePrivateFile(layout.serverState, `${JSON.stringify(identity)}\n`);
}

/** The process that runs the cluster, if it still does. */
export async function findServer(layout: ClusterLayout): Promise<ProcessIdentity | undefined> {
  const remembered = parse<ProcessIdentity>(await readFileIfPresent(layout.serverState));
  if (remembered === undefined) return undefined;
  const present = await identifyProcess(remembered.pid);
  return present?.startTicks === remembered.startTicks ? present : undefined;
}

/** What a cluster was last started with; undefined when it never was. */
export async function readSavedOptions(layout: ClusterLayout): Promise<ClusterOptions | undefined> {
  return parse<ClusterOptions>(await readFileIfPresent(layout.savedOptions));
}

/** A file that a full disk has cut short says nothing. */
function parse<T>(text: string | undefined): T | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
