import type { Pod, Service } from "../../api/types/core-v1.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import type { ResourceList } from "../../resources/resource-list.ts";
import type { Cgroups } from "../cgroups.ts";
import type { ImageManager } from "../images/image-manager.ts";
import type { ClusterDns } from "../networking/dns-config.ts";
import type { Prober } from "../prober.ts";
import type { ProbeManager } from "../probes/probe-manager.ts";
import type { ResizeManager } from "../resize/resize-manager.ts";
import type { Runtime } from "../runtime.ts";
import type { StatusManager } from "../status/status-manager.ts";
import type { ReferencedObjects } from "../volumes/referenced-objects.ts";
import type { VolumeManager } from "../volumes/volume-manager.ts";
import type { Volumes } from "../volumes.ts";
import type { KeyedBackoff } from "./keyed-backoff.ts";
import type { RuntimeCache } from "./runtime-cache.ts";

/** What pods are told of their node, as it stands now. */
export interface NodeView {
  /** Addresses of the node, the first being the main one. */
  readonly hostIps: readonly string[];
  readonly allocatable: ResourceList;
  readonly memoryBytes: number;
  /** Why pods cannot get a network; undefined when they can. */
  readonly networkFault: string | undefined;
  /** Whether a runtime handler can make mounts read-only with all below them. */
  supportsRecursiveReadOnly(handler: string): boolean;
  /** The handler of a pod's runtime class; empty for the default. @throws {Error} when the class does not exist */
  runtimeHandler(pod: Pod): string;
  resolvConf(): Promise<string>;
  hostsFile(): Promise<string>;
}

/** Everything that running pods takes. */
export interface PodContext {
  readonly runtime: Runtime;
  readonly cache: RuntimeCache;
  readonly volumes: Volumes;
  readonly volumeManager: VolumeManager;
  readonly references: ReferencedObjects;
  readonly images: ImageManager;
  readonly prober: Prober;
  readonly probes: ProbeManager;
  readonly status: StatusManager;
  readonly cgroups: Cgroups;
  readonly resizes: ResizeManager;
  readonly crashBackoff: KeyedBackoff;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly node: NodeView;
  /** Services of a pod's namespace and of `default`. @throws {Error} before they have been listed once */
  readonly services: (namespace: string) => readonly Service[];
  readonly clusterDns: ClusterDns;
  /** Folder of all pods' logs, for example `/var/log/pods`. */
  readonly logRoot: string;
  /** For example `1.36`. */
  readonly apiVersion: string;
}
