import type { CgroupLimits, Cgroups } from "../kubelet/cgroups.ts";
import type { MachineCapacity, MachinePressure, NodeFacts } from "../kubelet/node-facts.ts";
import type { HttpProbe, ProbeOutcome, Prober } from "../kubelet/prober.ts";
import { type EmptyDirOptions, type FilesOptions, VolumeError, type Volumes } from "../kubelet/volumes.ts";

const gibibyte = 1024 ** 3;

/** A machine's facts that a test can change. */
export interface FakeFacts extends NodeFacts {
  setPressure(pressure: Partial<MachinePressure>): void;
}

/** Creates a machine with four CPUs, 8 GiB of memory and 100 GiB of disk, half of everything free. */
export function createFakeFacts(changes: Partial<MachineCapacity> = {}): FakeFacts {
  const capacity: MachineCapacity = {
    cpuMillis: 4000,
    memoryBytes: 8 * gibibyte,
    ephemeralStorageBytes: 100 * gibibyte,
    ...changes,
  };
  let pressure: MachinePressure = {
    memoryAvailableBytes: 4 * gibibyte,
    diskAvailableBytes: 50 * gibibyte,
    diskCapacityBytes: 100 * gibibyte,
    inodesFree: 1_000_000,
    inodesTotal: 2_000_000,
    pidsAvailable: 30_000,
  };
  return {
    info: {
      machineId: "machine-1",
      systemUuid: "system-1",
      bootId: "boot-1",
      kernelVersion: "6.18.0",
      osImage: "Debian GNU/Linux 12 (bookworm)",
      operatingSystem: "linux",
      architecture: "amd64",
    },
    capacity: async () => capacity,
    pressure: async () => pressure,
    resolvConf: async () => "nameserver 192.0.2.53\nsearch example.com\n",
    hostsFile: async () => "127.0.0.1\tlocalhost\n",
    setPressure(changes) {
      pressure = { ...pressure, ...changes };
    },
  };
}

/** Cgroups in memory. */
export interface FakeCgroups extends Cgroups {
  readonly groups: ReadonlyMap<string, CgroupLimits>;
  setMemoryUsage(path: string, bytes: number): void;
}

/** Creates an empty tree of cgroups. */
export function createFakeCgroups(): FakeCgroups {
  const groups = new Map<string, CgroupLimits>();
  const usage = new Map<string, number>();
  return {
    groups,
    ensure: async (path, limits) => void groups.set(path, limits),
    async remove(path) {
      for (const key of groups.keys()) if (key === path || key.startsWith(`${path}/`)) groups.delete(key);
    },
    children: async (path) =>
      [...groups.keys()]
        .filter((key) => key.startsWith(`${path}/`) && !key.slice(path.length + 1).includes("/"))
        .map((key) => key.slice(path.length + 1)),
    memoryUsageBytes: async (path) => (groups.has(path) ? (usage.get(path) ?? 0) : undefined),
    setMemoryUsage: (path, bytes) => void usage.set(path, bytes),
  };
}

/** What stands in a volume of the fake. */
export type FakeVolume =
  | { readonly kind: "emptyDir"; readonly options: EmptyDirOptions }
  | { readonly kind: "files"; readonly options: FilesOptions; readonly files: Readonly<Record<string, string>> };

/** Volumes in memory. */
export interface FakeVolumes extends Volumes {
  /** By `<pod uid>/<volume>`. */
  readonly mounted: ReadonlyMap<string, FakeVolume>;
  /** Files of pods outside their volumes, by `<pod uid>/<name>`. */
  readonly podFiles: Map<string, string>;
  /** Paths of the node that are refused, with what is said then. */
  readonly refused: Map<string, string>;
  /** How often files were written. */
  readonly writes: readonly string[];
}

/** Creates a node without volumes. */
export function createFakeVolumes(): FakeVolumes {
  const mounted = new Map<string, FakeVolume>();
  const podFiles = new Map<string, string>();
  const refused = new Map<string, string>();
  const writes: string[] = [];
  const drop = (map: Map<string, unknown>, podUid: string): void => {
    for (const key of map.keys()) if (key.startsWith(`${podUid}/`)) map.delete(key);
  };
  return {
    mounted,
    podFiles,
    refused,
    writes,
    async ensureEmptyDir({ podUid, volume }, options) {
      mounted.set(`${podUid}/${volume}`, { kind: "emptyDir", options });
      return `/pods/${podUid}/volumes/${volume}`;
    },
    async ensureFiles({ podUid, volume }, options) {
      const decoder = new TextDecoder("utf-8");
      const files = Object.fromEntries(options.files.map(({ path, content }) => [path, decoder.decode(content)]));
      mounted.set(`${podUid}/${volume}`, { kind: "files", options, files });
      writes.push(volume);
      return `/pods/${podUid}/volumes/${volume}`;
    },
    async ensureHostPath(path) {
      const refusal = refused.get(path);
      if (refusal !== undefined) throw new VolumeError(refusal);
    },
    async resolveSubPath(volumePath, subPath) {
      const refusal = refused.get(subPath);
      if (refusal !== undefined) throw new VolumeError(refusal);
      return `${volumePath}/${subPath}`;
    },
    async ensurePodFile(podUid, name, content) {
      podFiles.set(`${podUid}/${name}`, content);
      return `/pods/${podUid}/${name}`;
    },
    readPodFile: async (podUid, name, maxBytes) => (podFiles.get(`${podUid}/${name}`) ?? "").slice(-maxBytes),
    podsWithData: async () => [
      ...new Set([...mounted.keys(), ...podFiles.keys()].map((key) => key.split("/")[0] ?? "")),
    ],
    async removePod(podUid) {
      drop(mounted, podUid);
      drop(podFiles, podUid);
    },
  };
}

/** A prober whose answers a test sets. */
export interface FakeProber extends Prober {
  /** What the next probes find; by default they succeed. */
  answer: (target: { readonly host: string; readonly port: number; readonly path?: string }) => ProbeOutcome;
  readonly requests: readonly HttpProbe[];
}

/** Creates a prober that finds everything well. */
export function createFakeProber(): FakeProber {
  const requests: HttpProbe[] = [];
  const prober: FakeProber = {
    answer: () => ({ result: "success", output: "" }),
    requests,
    async httpGet(request) {
      requests.push(request);
      return prober.answer(request);
    },
    tcpConnect: async (target) => prober.answer(target),
    grpcHealth: async (target) => prober.answer(target),
  };
  return prober;
}
