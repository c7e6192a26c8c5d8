/** What the node agent reports of the machine it runs on. */
export interface NodeFacts {
  /** What the machine is; read once. */
  readonly info: MachineInfo;
  /** What it has to give. */
  capacity(): Promise<MachineCapacity>;
  /** How much of it is in use, for eviction and conditions. */
  pressure(): Promise<MachinePressure>;
  /** The node's `/etc/resolv.conf`, on which the DNS settings of pods build. */
  resolvConf(): Promise<string>;
  /** The node's `/etc/hosts`, which pods on the node's network get. */
  hostsFile(): Promise<string>;
}

export interface MachineInfo {
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly operatingSystem: string;
  readonly architecture: string;
}

export interface MachineCapacity {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
}

export interface MachinePressure {
  readonly memoryAvailableBytes: number;
  /** Of the file system that holds volumes, logs and images. */
  readonly diskAvailableBytes: number;
  readonly diskCapacityBytes: number;
  readonly inodesFree: number;
  readonly inodesTotal: number;
  readonly pidsAvailable: number;
}
