import {
  bool,
  bytes,
  enumeration,
  int32,
  int32s,
  int64,
  int64s,
  many,
  message,
  one,
  string,
  stringMap,
  strings,
  uint32,
  uint64,
} from "../wire/message.ts";

/**
 * Messages of the Container Runtime Interface, as far as this node uses them.
 * Source: field numbers of the CRI API, package runtime.v1.
 */

export const int64Value = message({ value: int64(1) });
export const uint64Value = message({ value: uint64(1) });
export const imageSpec = message({ image: string(1), annotations: stringMap(2), userSpecifiedImage: string(18) });

const securityProfile = message({ profileType: enumeration(1), localhostRef: string(2) });
const namespaceOption = message({
  network: enumeration(1),
  pid: enumeration(2),
  ipc: enumeration(3),
  targetId: string(4),
});

export const linuxResources = message({
  cpuPeriod: int64(1),
  cpuQuota: int64(2),
  cpuShares: int64(3),
  memoryLimitInBytes: int64(4),
  oomScoreAdj: int64(5),
  cpusetCpus: string(6),
  cpusetMems: string(7),
  unified: stringMap(9),
  memorySwapLimitInBytes: int64(10),
});

const sandboxMetadata = message({ name: string(1), uid: string(2), namespace: string(3), attempt: uint32(4) });

const sandboxSecurityContext = message({
  namespaceOptions: one(1, namespaceOption),
  runAsUser: one(3, int64Value),
  runAsGroup: one(8, int64Value),
  readonlyRootfs: bool(4),
  supplementalGroups: int64s(5),
  supplementalGroupsPolicy: enumeration(11),
  privileged: bool(6),
  seccomp: one(9, securityProfile),
  apparmor: one(10, securityProfile),
});

export const podSandboxConfig = message({
  metadata: one(1, sandboxMetadata),
  hostname: string(2),
  logDirectory: string(3),
  dnsConfig: one(4, message({ servers: strings(1), searches: strings(2), options: strings(3) })),
  portMappings: many(
    5,
    message({ protocol: enumeration(1), containerPort: int32(2), hostPort: int32(3), hostIp: string(4) }),
  ),
  labels: stringMap(6),
  annotations: stringMap(7),
  linux: one(
    8,
    message({
      cgroupParent: string(1),
      securityContext: one(2, sandboxSecurityContext),
      sysctls: stringMap(3),
      resources: one(5, linuxResources),
    }),
  ),
});

const containerMetadata = message({ name: string(1), attempt: uint32(2) });

const containerSecurityContext = message({
  capabilities: one(1, message({ addCapabilities: strings(1), dropCapabilities: strings(2) })),
  privileged: bool(2),
  namespaceOptions: one(3, namespaceOption),
  runAsUser: one(5, int64Value),
  runAsGroup: one(12, int64Value),
  runAsUsername: string(6),
  readonlyRootfs: bool(7),
  supplementalGroups: int64s(8),
  supplementalGroupsPolicy: enumeration(17),
  noNewPrivs: bool(11),
  maskedPaths: strings(13),
  readonlyPaths: strings(14),
  seccomp: one(15, securityProfile),
  apparmor: one(16, securityProfile),
});

export const containerConfig = message({
  metadata: one(1, containerMetadata),
  image: one(2, imageSpec),
  command: strings(3),
  args: strings(4),
  workingDir: string(5),
  // The first version's values were text; the later one's are bytes: the same on the wire.
  envs: many(6, message({ key: string(1), value: string(2) })),
  mounts: many(
    7,
    message({
      containerPath: string(1),
      hostPath: string(2),
      readonly: bool(3),
      propagation: enumeration(5),
      recursiveReadOnly: bool(8),
    }),
  ),
  labels: stringMap(9),
  annotations: stringMap(10),
  logPath: string(11),
  stdin: bool(12),
  stdinOnce: bool(13),
  tty: bool(14),
  linux: one(15, message({ resources: one(1, linuxResources), securityContext: one(2, containerSecurityContext) })),
  stopSignal: enumeration(18),
});

export const empty = message({});

export const versionRequest = message({ version: string(1) });
export const versionResponse = message({ version: string(1), runtimeName: string(2), runtimeVersion: string(3) });

export const statusRequest = message({ verbose: bool(1) });
export const statusResponse = message({
  status: one(
    1,
    message({
      conditions: many(1, message({ type: string(1), status: bool(2), reason: string(3), message: string(4) })),
    }),
  ),
  runtimeHandlers: many(
    3,
    message({
      name: string(1),
      features: one(2, message({ recursiveReadOnlyMounts: bool(1), userNamespaces: bool(2) })),
    }),
  ),
  features: one(4, message({ supplementalGroupsPolicy: bool(1) })),
});

export const sandboxId = message({ podSandboxId: string(1) });
export const runPodSandboxRequest = message({ config: one(1, podSandboxConfig), runtimeHandler: string(2) });

const podSandbox = message({
  id: string(1),
  metadata: one(2, sandboxMetadata),
  state: enumeration(3),
  createdAt: int64(4),
  labels: stringMap(5),
  annotations: stringMap(6),
});
export const listPodSandboxRequest = message({ filter: one(1, message({ id: string(1) })) });
export const listPodSandboxResponse = message({ items: many(1, podSandbox) });

export const podSandboxStatus = message({
  id: string(1),
  metadata: one(2, sandboxMetadata),
  state: enumeration(3),
  createdAt: int64(4),
  network: one(5, message({ ip: string(1), additionalIps: many(2, message({ ip: string(1) })) })),
  labels: stringMap(7),
  annotations: stringMap(8),
});
export const podSandboxStatusRequest = message({ podSandboxId: string(1), verbose: bool(2) });
export const podSandboxStatusResponse = message({ status: one(1, podSandboxStatus), info: stringMap(2) });

export const containerId = message({ containerId: string(1) });
export const createContainerRequest = message({
  podSandboxId: string(1),
  config: one(2, containerConfig),
  sandboxConfig: one(3, podSandboxConfig),
});
export const stopContainerRequest = message({ containerId: string(1), timeout: int64(2) });
export const updateContainerResourcesRequest = message({ containerId: string(1), linux: one(2, linuxResources) });

const container = message({
  id: string(1),
  podSandboxId: string(2),
  metadata: one(3, containerMetadata),
  image: one(4, imageSpec),
  imageRef: string(5),
  state: enumeration(6),
  createdAt: int64(7),
  labels: stringMap(8),
  annotations: stringMap(9),
});
export const listContainersRequest = message({ filter: one(1, message({ id: string(1) })) });
export const listContainersResponse = message({ containers: many(1, container) });

export const containerStatus = message({
  id: string(1),
  metadata: one(2, containerMetadata),
  state: enumeration(3),
  createdAt: int64(4),
  startedAt: int64(5),
  finishedAt: int64(6),
  exitCode: int32(7),
  image: one(8, imageSpec),
  imageRef: string(9),
  reason: string(10),
  message: string(11),
  labels: stringMap(12),
  annotations: stringMap(13),
  logPath: string(15),
  resources: one(16, message({ linux: one(1, linuxResources) })),
  user: one(18, message({ linux: one(1, message({ uid: int64(1), gid: int64(2), supplementalGroups: int64s(3) })) })),
});
export const containerStatusRequest = message({ containerId: string(1), verbose: bool(2) });
export const containerStatusResponse = message({ status: one(1, containerStatus), info: stringMap(2) });

export const execSyncRequest = message({ containerId: string(1), cmd: strings(2), timeout: int64(3) });
export const execSyncResponse = message({ stdout: bytes(1), stderr: bytes(2), exitCode: int32(3) });

export const execRequest = message({
  containerId: string(1),
  cmd: strings(2),
  tty: bool(3),
  stdin: bool(4),
  stdout: bool(5),
  stderr: bool(6),
});
export const attachRequest = message({
  containerId: string(1),
  stdin: bool(2),
  tty: bool(3),
  stdout: bool(4),
  stderr: bool(5),
});
export const portForwardRequest = message({ podSandboxId: string(1), port: int32s(2) });
export const streamingResponse = message({ url: string(1) });
