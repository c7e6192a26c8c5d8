import type { Encodable } from "../../api/protobuf.ts";
import type {
  ContainerConfig,
  ContainerResources,
  NamespaceModes,
  SandboxConfig,
  SecurityConfig,
} from "../../kubelet/runtime.ts";
import type { containerConfig, linuxResources, podSandboxConfig } from "./runtime-messages.ts";

/** What the runtime's requests need to know of the node. */
export interface NodeLayout {
  /** The node's own cgroup, put before each pod's `cgroupParent`: for example `/k8ts-dev`. */
  readonly cgroupRoot: string;
  /** Paths below `/sys/devices` to hide from containers; they differ from machine to machine. */
  readonly extraMaskedPaths: readonly string[];
}

/** Keeps the image name that the pod uses: the runtime would answer with any name of the same image. */
export const imageNameAnnotation = "k8ts.io/image-name";

const networkModes = { pod: 0, node: 2 } as const;
const pidModes = { pod: 0, container: 1, node: 2, target: 3 } as const;
const ipcModes = { pod: 0, node: 2 } as const;
const protocols = { TCP: 0, UDP: 1, SCTP: 2 } as const;
const propagations = { private: 0, hostToContainer: 1, bidirectional: 2 } as const;
const profileTypes = { RuntimeDefault: 0, Unconfined: 1, Localhost: 2 } as const;
const groupPolicies = { Merge: 0, Strict: 1 } as const;

/** Renders a sandbox for the runtime. */
export function renderSandboxConfig(config: SandboxConfig, node: NodeLayout): Encodable<typeof podSandboxConfig> {
  return {
    metadata: { name: config.name, uid: config.uid, namespace: config.namespace, attempt: config.attempt },
    hostname: config.hostname,
    logDirectory: config.logDirectory,
    dnsConfig: config.dns,
    portMappings: config.portMappings.map((mapping) => ({ ...mapping, protocol: protocols[mapping.protocol] })),
    labels: config.labels,
    annotations: config.annotations,
    linux: {
      cgroupParent: node.cgroupRoot + config.cgroupParent,
      sysctls: config.sysctls,
      securityContext: {
        namespaceOptions: renderNamespaces(config.namespaces),
        runAsUser: int64Of(config.security.runAsUser),
        runAsGroup: int64Of(config.security.runAsGroup),
        readonlyRootfs: config.security.readOnlyRootFilesystem,
        supplementalGroups: config.security.supplementalGroups,
        supplementalGroupsPolicy: groupPolicies[config.security.supplementalGroupsPolicy ?? "Merge"],
        privileged: config.security.privileged,
        seccomp: renderProfile(config.security.seccomp),
        apparmor: renderProfile(config.security.appArmor),
      },
    },
  };
}

/** Renders a container for the runtime. */
export function renderContainerConfig(config: ContainerConfig, node: NodeLayout): Encodable<typeof containerConfig> {
  return {
    metadata: { name: config.name, attempt: config.attempt },
    image: { image: config.imageId, userSpecifiedImage: config.image },
    command: config.command,
    args: config.args,
    workingDir: config.workingDir,
    envs: config.env.map((variable) => ({ key: variable.name, value: variable.value })),
    mounts: config.mounts.map((mount) => ({
      containerPath: mount.containerPath,
      hostPath: mount.hostPath,
      readonly: mount.readOnly,
      propagation: propagations[mount.propagation],
      recursiveReadOnly: mount.recursiveReadOnly,
    })),
    labels: config.labels,
    annotations: { ...config.annotations, [imageNameAnnotation]: config.image },
    logPath: config.logPath,
    stdin: config.stdin,
    stdinOnce: config.stdinOnce,
    tty: config.tty,
    linux: {
      resources: renderResources(config.resources),
      securityContext: renderSecurity(config.security, node),
    },
  };
}

/** Renders limits for the runtime; zero stands for no limit. */
export function renderResources(resources: ContainerResources): Encodable<typeof linuxResources> {
  return {
    cpuPeriod: resources.cpuPeriodMicros,
    cpuQuota: resources.cpuQuotaMicros,
    cpuShares: resources.cpuShares,
    memoryLimitInBytes: resources.memoryLimitBytes,
    oomScoreAdj: resources.oomScoreAdj,
  };
}

function renderSecurity(security: SecurityConfig, node: NodeLayout) {
  return {
    capabilities: {
      addCapabilities: security.capabilities.add,
      dropCapabilities: security.capabilities.drop,
    },
    privileged: security.privileged,
    namespaceOptions: renderNamespaces(security.namespaces),
    runAsUser: int64Of(security.runAsUser),
    runAsUsername: security.runAsUsername,
    runAsGroup: int64Of(security.runAsGroup),
    readonlyRootfs: security.readOnlyRootFilesystem,
    supplementalGroups: security.supplementalGroups,
    supplementalGroupsPolicy: groupPolicies[security.supplementalGroupsPolicy ?? "Merge"],
    noNewPrivs: !security.allowPrivilegeEscalation,
    maskedPaths: security.maskedPaths ?? [...defaultMaskedPaths, ...node.extraMaskedPaths],
    readonlyPaths: security.readonlyPaths ?? defaultReadonlyPaths,
    seccomp: renderProfile(security.seccomp),
    apparmor: renderProfile(security.appArmor),
  };
}

function renderNamespaces(modes: NamespaceModes) {
  return {
    network: networkModes[modes.network],
    pid: pidModes[modes.pid],
    ipc: ipcModes[modes.ipc],
    targetId: modes.pidTargetId,
  };
}

function renderProfile(profile: SecurityConfig["appArmor"]) {
  return profile && { profileType: profileTypes[profile.type], localhostRef: profile.localhostProfile };
}

/** A number that may be zero and still be meant. */
function int64Of(value: number | undefined): { readonly value: number } | undefined {
  return value === undefined ? undefined : { value };
}

/** What a container never sees unless its `procMount` says so. Source: kubelet v1.36's default masked paths. */
const defaultMaskedPaths = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];

/** What a container sees but cannot change. Source: as above. */
const defaultReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
