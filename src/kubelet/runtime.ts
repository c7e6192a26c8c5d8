/**
 * What the node agent needs of a container runtime: the Container Runtime Interface's verbs and facts, without its
 * wire format. The real one speaks to containerd; simulated nodes and tests have their own.
 */
export interface Runtime {
  status(signal?: AbortSignal): Promise<RuntimeStatus>;

  /** All sandboxes of this node, newest first. */
  listSandboxes(signal?: AbortSignal): Promise<readonly Sandbox[]>;
  /** Creates and starts a sandbox with its network. @throws {RuntimeError} */
  runSandbox(config: SandboxConfig, signal?: AbortSignal): Promise<Sandbox>;
  /** Stops every process in it and frees its network. Does nothing when it is stopped or gone. */
  stopSandbox(id: string, signal?: AbortSignal): Promise<void>;
  /** Removes a stopped sandbox with its containers. Does nothing when it is gone. */
  removeSandbox(id: string, signal?: AbortSignal): Promise<void>;
  /** One sandbox with its addresses; undefined when it is gone. */
  inspectSandbox(id: string, signal?: AbortSignal): Promise<Sandbox | undefined>;

  /** All containers of this node with their state. */
  listContainers(signal?: AbortSignal): Promise<readonly ContainerState[]>;
  /** One container; undefined when it is gone. */
  inspectContainer(id: string, signal?: AbortSignal): Promise<ContainerState | undefined>;
  /** @returns the container's id @throws {RuntimeError} */
  createContainer(sandboxId: string, config: ContainerConfig, signal?: AbortSignal): Promise<string>;
  /** @throws {RuntimeError} for instance when the command does not exist */
  startContainer(id: string, signal?: AbortSignal): Promise<void>;
  /** Sends the stop signal, waits `graceSeconds`, then kills. Does nothing when it is not running. */
  stopContainer(id: string, graceSeconds: number, signal?: AbortSignal): Promise<void>;
  /** Removes a container, killing it first if need be. Does nothing when it is gone. */
  removeContainer(id: string, signal?: AbortSignal): Promise<void>;
  /** Changes limits of a running container. */
  updateContainerResources(id: string, resources: ContainerResources, signal?: AbortSignal): Promise<void>;

  /**
   * Runs a command in a container and waits for it, for ever when `timeoutMs` is 0.
   * @throws {RuntimeError} with code `timeout` or `failed`
   */
  execSync(id: string, command: readonly string[], timeoutMs: number, signal?: AbortSignal): Promise<ExecResult>;

  /**
   * Reports, until the signal is aborted, every container or sandbox whose state may have changed. By the time of the
   * report the `inspect` methods show the change. After a gap of any kind comes a `resync`.
   */
  events(signal: AbortSignal): AsyncIterable<RuntimeEvent>;

  /** The last lines of a container's output, without time stamps; empty when there is no log. */
  tailLog(
    containerId: string,
    limits: { readonly maxLines: number; readonly maxBytes: number },
    signal?: AbortSignal,
  ): Promise<string>;
  /** Removes the log folder of a pod that is gone. Does nothing when there is none. */
  removePodLogs(logDirectory: string, signal?: AbortSignal): Promise<void>;

  readonly images: Images;
}

/** Images of the node. */
export interface Images {
  /** Looks an image up by any of its names; undefined when it is not on the node. */
  find(reference: string, signal?: AbortSignal): Promise<Image | undefined>;
  list(signal?: AbortSignal): Promise<readonly Image[]>;
  /** Fetches an image from its registry. @throws {RuntimeError} with the registry's words */
  pull(reference: string, credentials: readonly RegistryCredential[], signal?: AbortSignal): Promise<Image>;
  remove(id: string, signal?: AbortSignal): Promise<void>;
}

/** A failed call. `message` is the runtime's own text, which ends up in events. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  readonly code: "notFound" | "alreadyExists" | "timeout" | "unavailable" | "failed";
  /** The name of the remote call's own code, as `rpc error: code = <this> desc = <message>` shows it in events. */
  readonly rpcCode: string;

  constructor(code: RuntimeError["code"], message: string, options?: ErrorOptions & { readonly rpcCode?: string }) {
    super(message, options);
    this.code = code;
    this.rpcCode = options?.rpcCode ?? "Unknown";
  }
}

export interface RuntimeStatus {
  /** For example `containerd`, `1.6.20`. */
  readonly name: string;
  readonly version: string;
  readonly runtimeReady: boolean;
  readonly networkReady: boolean;
  /** Why one of them is not ready. */
  readonly message: string;
  /** What each runtime handler can do; left out by runtimes that do not say. The default handler has an empty name. */
  readonly handlers?: readonly {
    readonly name: string;
    readonly recursiveReadOnlyMounts: boolean;
    readonly userNamespaces: boolean;
  }[];
  /** Whether `supplementalGroupsPolicy` is honoured. */
  readonly supplementalGroupsPolicy?: boolean;
}

/** One `containerID` change; `podUid` is known when the runtime keeps our labels. */
export interface RuntimeEvent {
  readonly type: "started" | "exited" | "oomKilled" | "deleted" | "resync";
  readonly containerId?: string;
  readonly sandboxId?: string;
  readonly podUid?: string;
}

export interface SandboxConfig {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly attempt: number;
  readonly hostname: string;
  /** Folder for the log files of the pod's containers; the runtime makes it. */
  readonly logDirectory: string;
  /** Left out: the node's own resolv.conf. */
  readonly dns?: {
    readonly servers: readonly string[];
    readonly searches: readonly string[];
    readonly options: readonly string[];
  };
  readonly portMappings: readonly {
    readonly protocol: "TCP" | "UDP" | "SCTP";
    readonly containerPort: number;
    readonly hostPort: number;
    readonly hostIp: string;
  }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Under the node's cgroup root, for example `/kubepods/burstable/pod<uid>`. */
  readonly cgroupParent: string;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly namespaces: NamespaceModes;
  readonly security: SecurityConfig;
  readonly runtimeHandler: string;
}

/**
 * Which namespaces are shared with the node (`node`), with the pod (`pod`), with one other container (`target`) or
 * with nobody (`container`).
 */
export interface NamespaceModes {
  readonly network: "pod" | "node";
  readonly pid: "container" | "pod" | "node" | "target";
  readonly ipc: "pod" | "node";
  /** The container whose processes are shared when `pid` is `target`. */
  readonly pidTargetId?: string;
}

export interface Sandbox {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly createdAtMs: number;
  /** Empty for pods on the node's network. */
  readonly ips: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ContainerConfig {
  readonly sandbox: SandboxConfig;
  readonly name: string;
  readonly attempt: number;
  /** The id of an image on the node. */
  readonly imageId: string;
  /** The name that the pod uses, for status. */
  readonly image: string;
  /** Empty: the image's entrypoint. */
  readonly command: readonly string[];
  /** Empty: the image's arguments, unless `command` is given. */
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Relative to the sandbox's log folder: `<container>/<attempt>.log`. */
  readonly logPath: string;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
  readonly resources: ContainerResources;
  readonly security: SecurityConfig;
  /** For example `SIGTERM`; empty: what the image says. */
  readonly stopSignal: string;
}

export interface Mount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
  readonly propagation: "private" | "hostToContainer" | "bidirectional";
  /** Mounts below are read-only too. Default false. */
  readonly recursiveReadOnly?: boolean;
}

export interface ContainerResources {
  readonly cpuShares: number;
  /** CPU time per period; 0 for no limit. */
  readonly cpuQuotaMicros: number;
  readonly cpuPeriodMicros: number;
  /** 0 for no limit. */
  readonly memoryLimitBytes: number;
  readonly oomScoreAdj: number;
}

export interface SecurityConfig {
  readonly runAsUser?: number;
  readonly runAsUsername?: string;
  readonly runAsGroup?: number;
  readonly supplementalGroups: readonly number[];
  /** Whether groups of the image's own `/etc/group` are added. Default `Merge`. */
  readonly supplementalGroupsPolicy?: "Merge" | "Strict";
  readonly privileged: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly allowPrivilegeEscalation: boolean;
  readonly capabilities: { readonly add: readonly string[]; readonly drop: readonly string[] };
  readonly seccomp: {
    readonly type: "RuntimeDefault" | "Unconfined" | "Localhost";
    readonly localhostProfile?: string;
  };
  /** Left out: none. */
  readonly appArmor?: {
    readonly type: "RuntimeDefault" | "Unconfined" | "Localhost";
    readonly localhostProfile?: string;
  };
  readonly namespaces: NamespaceModes;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
}

export interface ContainerState {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly attempt: number;
  readonly state: "created" | "running" | "exited" | "unknown";
  readonly createdAtMs: number;
  /** 0 until it has started. */
  readonly startedAtMs: number;
  /** 0 until it has ended. */
  readonly finishedAtMs: number;
  readonly exitCode: number;
  /** `Completed`, `Error` or `OOMKilled`, as the runtime knows it. */
  readonly reason: string;
  readonly message: string;
  readonly image: string;
  /** The image's digest or id, for status. */
  readonly imageRef: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Absolute path of the log file. */
  readonly logPath: string;
  /** Who its first process ran as; left out by runtimes that do not say. */
  readonly user?: { readonly uid: number; readonly gid: number; readonly supplementalGroups: readonly number[] };
  /** Limits in force; left out by runtimes that do not say. */
  readonly resources?: ContainerResources;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

export interface Image {
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
  /** The user that the image runs as: a number or a name; both missing for root. */
  readonly uid?: number;
  readonly username?: string;
  /** Never collected as garbage, such as the image of sandboxes. */
  readonly pinned?: boolean;
}

export interface RegistryCredential {
  readonly username: string;
  readonly password: string;
  readonly serverAddress: string;
}
