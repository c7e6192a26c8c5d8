/** What the node agent reports of the machine it runs on. */
export interface NodeFacts {
  /** What the machine is; read once. */
  readonly info: MachineInfo;
  /** What it has to give. */
  capacity(): Promise<MachineCapacity>;
  /** How much of it is in use, for eviction and conditions. */
  pressure(): Promise<MachinePressure>;
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
  readonly diskAvailableBytes: number;
  readonly inodesFree: number;
  readonly pidsAvailable: number;
}
