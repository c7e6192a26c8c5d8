import type { Cgroups } from "./cgroups.ts";
import { qosCgroupPath } from "./containers/container-resources.ts";
import type { PodWorkers } from "./pods/pod-workers.ts";
import type { Volumes } from "./volumes.ts";

/** Removes what pods have left behind that no source and no runtime knows any more. */
export async function removeLeftovers(options: {
  readonly workers: PodWorkers;
  readonly volumes: Volumes;
  readonly cgroups: Cgroups;
  /** Uids of pods of which the runtime still has something. */
  readonly inRuntime: ReadonlySet<string>;
}): Promise<void> {
  const { workers, volumes, cgroups, inRuntime } = options;
  const known = new Set([...workers.all().map(({ metadata }) => metadata.uid), ...inRuntime]);
  for (const podUid of await volumes.podsWithData()) if (!known.has(podUid)) await volumes.removePod(podUid);
  for (const qosClass of ["Guaranteed", "Burstable", "BestEffort"] as const) {
    const parent = qosCgroupPath(qosClass);
    for (const name of await cgroups.children(parent))
      if (name.startsWith("pod") && !known.has(name.slice("pod".length))) await cgroups.remove(`${parent}/${name}`);
  }
}
