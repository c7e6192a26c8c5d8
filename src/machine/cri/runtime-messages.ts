import { many, mapOf, message, one, packed } from "../../api/protobuf.ts";

/**
 * Messages of the Container Runtime Interface, as far as this node uses them.
 * Source: field numbers of the CRI API, package runtime.v1.
 */

export const int64Value = message("Int64Value", { value: one(1, "int64") });
export const uint64Value = message("Uint64Value", { value: one(1, "uint64") });
export const imageSpec = message("ImageSpec", {
  image: one(1, "string"),
  annotations: mapOf(2, "string"),
  userSpecifiedImage: one(18, "string"),
});

const securityProfile = message("SecurityProfile", { profileType: one(1, "int32"), localhostRef: one(2, "string") });
const namespaceOption = message("NamespaceOption", {
  network: one(1, "int32"),
  pid: one(2, "int32"),
  ipc: one(3, "int32"),
  targetId: one(4, "string"),
});

export const linuxResources = message("LinuxResources", {
  cpuPeriod: one(1, "int64"),
  cpuQuota: one(2, "int64"),
  cpuShares: one(3, "int64"),
  memoryLimitInBytes: one(4, "int64"),
  oomScoreAdj: one(5, "int64"),
  cpusetCpus: one(6, "string"),
  cpusetMems: one(7, "string"),
  unified: mapOf(9, "string"),
  memorySwapLimitInBytes: one(10, "int64"),
});

const sandboxMetadata = message("SandboxMetadata", {
  name: one(1, "string"),
  uid: one(2, "string"),
  namespace: one(3, "string"),
  attempt: one(4, "uint32"),
});

const sandboxSecurityContext = message("SandboxSecurityContext", {
  namespaceOptions: one(1, namespaceOption),
  runAsUser: one(3, int64Value),
  runAsGroup: one(8, int64Value),
  readonlyRootfs: one(4, "bool"),
  supplementalGroups: packed(5, "int64"),
  supplementalGroupsPolicy: one(11, "int32"),
  privileged: one(6, "bool"),
  seccomp: one(9, securityProfile),
  apparmor: one(10, securityProfile),
});

export const podSandboxConfig = message("PodSandboxConfig", {
  metadata: one(1, sandboxMetadata),
  hostname: one(2, "string"),
  logDirectory: one(3, "string"),
  dnsConfig: one(
    4,
    message("DnsConfig", { servers: many(1, "string"), searches: many(2, "string"), options: many(3, "string") }),
  ),
  portMappings: many(
    5,
    message("PortMappings", {
      protocol: one(1, "int32"),
      containerPort: one(2, "int32"),
      hostPort: one(3, "int32"),
      hostIp: one(4, "string"),
    }),
  ),
  labels: mapOf(6, "string"),
  annotations: mapOf(7, "string"),
  linux: one(
    8,
    message("Linux", {
      cgroupParent: one(1, "string"),
      securityContext: one(2, sandboxSecurityContext),
      sysctls: mapOf(3, "string"),
      resources: one(5, linuxResources),
    }),
  ),
});

const containerMetadata = message("ContainerMetadata", { name: one(1, "string"), attempt: one(2, "uint32") });

const containerSecurityContext = message("ContainerSecurityContext", {
  capabilities: one(
    1,
    message("Capabilities", { addCapabilities: many(1, "string"), dropCapabilities: many(2, "string") }),
  ),
  privileged: one(2, "bool"),
  namespaceOptions: one(3, namespaceOption),
  runAsUser: one(5, int64Value),
  runAsGroup: one(12, int64Value),
  runAsUsername: one(6, "string"),
  readonlyRootfs: one(7, "bool"),
  supplementalGroups: packed(8, "int64"),
  supplementalGroupsPolicy: one(17, "int32"),
  noNewPrivs: one(11, "bool"),
  maskedPaths: many(13, "string"),
  readonlyPaths: many(14, "string"),
  seccomp: one(15, securityProfile),
  apparmor: one(16, securityProfile),
});

export const containerConfig = message("ContainerConfig", {
  metadata: one(1, containerMetadata),
  image: one(2, imageSpec),
  command: many(3, "string"),
  args: many(4, "string"),
  workingDir: one(5, "string"),
  // The first version's values were text; the later one's are bytes: the same on the wire.
  envs: many(6, message("Envs", { key: one(1, "string"), value: one(2, "string") })),
  mounts: many(
    7,
    message("Mounts", {
      containerPath: one(1, "string"),
      hostPath: one(2, "string"),
      readonly: one(3, "bool"),
      propagation: one(5, "int32"),
      recursiveReadOnly: one(8, "bool"),
    }),
  ),
  labels: mapOf(9, "string"),
  annotations: mapOf(10, "string"),
  logPath: one(11, "string"),
  stdin: one(12, "bool"),
  stdinOnce: one(13, "bool"),
  tty: one(14, "bool"),
  linux: one(
    15,
    message("Linux", { resources: one(1, linuxResources), securityContext: one(2, containerSecurityContext) }),
  ),
  stopSignal: one(18, "int32"),
});

export const empty = message("Empty", {});

export const versionRequest = message("VersionRequest", { version: one(1, "string") });
export const versionResponse = message("VersionResponse", {
  version: one(1, "string"),
  runtimeName: one(2, "string"),
  runtimeVersion: one(3, "string"),
});

export const statusRequest = message("StatusRequest", { verbose: one(1, "bool") });
export const statusResponse = message("StatusResponse", {
  status: one(
    1,
    message("Status", {
      conditions: many(
        1,
        message("Conditions", {
          type: one(1, "string"),
          status: one(2, "bool"),
          reason: one(3, "string"),
          message: one(4, "string"),
        }),
      ),
    }),
  ),
  runtimeHandlers: many(
    3,
    message("RuntimeHandlers", {
      name: one(1, "string"),
      features: one(
        2,
        message("Features", { recursiveReadOnlyMounts: one(1, "bool"), userNamespaces: one(2, "bool") }),
      ),
    }),
  ),
  features: one(4, message("Features", { supplementalGroupsPolicy: one(1, "bool") })),
});

export const sandboxId = message("SandboxId", { podSandboxId: one(1, "string") });
export const runPodSandboxRequest = message("RunPodSandboxRequest", {
  config: one(1, podSandboxConfig),
  runtimeHandler: one(2, "string"),
});

const podSandbox = message("PodSandbox", {
  id: one(1, "string"),
  metadata: one(2, sandboxMetadata),
  state: one(3, "int32"),
  createdAt: one(4, "int64"),
  labels: mapOf(5, "string"),
  annotations: mapOf(6, "string"),
});
export const listPodSandboxRequest = message("ListPodSandboxRequest", {
  filter: one(1, message("Filter", { id: one(1, "string") })),
});
export const listPodSandboxResponse = message("ListPodSandboxResponse", { items: many(1, podSandbox) });

export const podSandboxStatus = message("PodSandboxStatus", {
  id: one(1, "string"),
  metadata: one(2, sandboxMetadata),
  state: one(3, "int32"),
  createdAt: one(4, "int64"),
  network: one(
    5,
    message("Network", {
      ip: one(1, "string"),
      additionalIps: many(2, message("AdditionalIps", { ip: one(1, "string") })),
    }),
  ),
  labels: mapOf(7, "string"),
  annotations: mapOf(8, "string"),
});
export const podSandboxStatusRequest = message("PodSandboxStatusRequest", {
  podSandboxId: one(1, "string"),
  verbose: one(2, "bool"),
});
export const podSandboxStatusResponse = message("PodSandboxStatusResponse", {
  status: one(1, podSandboxStatus),
  info: mapOf(2, "string"),
});

export const containerId = message("ContainerId", { containerId: one(1, "string") });
export const createContainerRequest = message("CreateContainerRequest", {
  podSandboxId: one(1, "string"),
  config: one(2, containerConfig),
  sandboxConfig: one(3, podSandboxConfig),
});
export const stopContainerRequest = message("StopContainerRequest", {
  containerId: one(1, "string"),
  timeout: one(2, "int64"),
});
export const updateContainerResourcesRequest = message("UpdateContainerResourcesRequest", {
  containerId: one(1, "string"),
  linux: one(2, linuxResources),
});

const container = message("Container", {
  id: one(1, "string"),
  podSandboxId: one(2, "string"),
  metadata: one(3, containerMetadata),
  image: one(4, imageSpec),
  imageRef: one(5, "string"),
  state: one(6, "int32"),
  createdAt: one(7, "int64"),
  labels: mapOf(8, "string"),
  annotations: mapOf(9, "string"),
});
export const listContainersRequest = message("ListContainersRequest", {
  filter: one(1, message("Filter", { id: one(1, "string") })),
});
export const listContainersResponse = message("ListContainersResponse", { containers: many(1, container) });

export const containerStatus = message("ContainerStatus", {
  id: one(1, "string"),
  metadata: one(2, containerMetadata),
  state: one(3, "int32"),
  createdAt: one(4, "int64"),
  startedAt: one(5, "int64"),
  finishedAt: one(6, "int64"),
  exitCode: one(7, "int32"),
  image: one(8, imageSpec),
  imageRef: one(9, "string"),
  reason: one(10, "string"),
  message: one(11, "string"),
  labels: mapOf(12, "string"),
  annotations: mapOf(13, "string"),
  logPath: one(15, "string"),
  resources: one(16, message("Resources", { linux: one(1, linuxResources) })),
  user: one(
    18,
    message("User", {
      linux: one(
        1,
        message("Linux", { uid: one(1, "int64"), gid: one(2, "int64"), supplementalGroups: packed(3, "int64") }),
      ),
    }),
  ),
});
export const containerStatusRequest = message("ContainerStatusRequest", {
  containerId: one(1, "string"),
  verbose: one(2, "bool"),
});
export const containerStatusResponse = message("ContainerStatusResponse", {
  status: one(1, containerStatus),
  info: mapOf(2, "string"),
});

export const execSyncRequest = message("ExecSyncRequest", {
  containerId: one(1, "string"),
  cmd: many(2, "string"),
  timeout: one(3, "int64"),
});
export const execSyncResponse = message("ExecSyncResponse", {
  stdout: one(1, "bytes"),
  stderr: one(2, "bytes"),
  exitCode: one(3, "int32"),
});

export const execRequest = message("ExecRequest", {
  containerId: one(1, "string"),
  cmd: many(2, "string"),
  tty: one(3, "bool"),
  stdin: one(4, "bool"),
  stdout: one(5, "bool"),
  stderr: one(6, "bool"),
});
export const attachRequest = message("AttachRequest", {
  containerId: one(1, "string"),
  stdin: one(2, "bool"),
  tty: one(3, "bool"),
  stdout: one(4, "bool"),
  stderr: one(5, "bool"),
});
export const portForwardRequest = message("PortForwardRequest", {
  podSandboxId: one(1, "string"),
  port: packed(2, "int32"),
});
export const streamingResponse = message("StreamingResponse", { url: one(1, "string") });
