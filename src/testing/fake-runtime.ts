import type { Clock, Timer } from "../base/clock.ts";
import { sleep } from "../base/clock.ts";
import {
  type ContainerConfig,
  type ContainerState,
  type ExecResult,
  type Runtime,
  RuntimeError,
  type RuntimeEvent,
  type RuntimeStatus,
  type Sandbox,
  type SandboxConfig,
} from "../kubelet/runtime.ts";
import { createImageStore, type FakeImages } from "./fake-images.ts";

/** How a container of the fake behaves once it runs. Times count from its start. */
export interface ContainerScript {
  /** When it ends by itself; left out: never. */
  readonly runsForMs?: number;
  /** With what code. Default 0. */
  readonly exitCode?: number;
  /** The kernel kills it for want of memory: code 137, reason OOMKilled. */
  readonly isOomKilled?: boolean;
  /** How long it takes to end when it is asked to; `never`: until it is killed. Default 0. */
  readonly stopsAfterMs?: number | "never";
  /** The code it ends with when it is asked to. Default 0. */
  readonly stopExitCode?: number;
  /** What it writes to its log. */
  readonly log?: string;
  /** Called when it runs, for what a test wants to see or do then. */
  readonly onStart?: (container: ContainerState) => void;
}

/** What the fake does when it is asked for something: waits, fails, or goes on. */
export interface FakeFaults {
  runSandbox?: (config: SandboxConfig) => Promise<void> | void;
  createContainer?: (config: ContainerConfig) => Promise<void> | void;
  startContainer?: (container: ContainerState) => Promise<void> | void;
  stopContainer?: (container: ContainerState) => Promise<void> | void;
  stopSandbox?: (sandbox: Sandbox) => Promise<void> | void;
}

export interface FakeRuntimeOptions {
  readonly clock: Clock;
  /** How long each takes. Default: no time at all. */
  readonly delaysMs?: Partial<Record<"runSandbox" | "createContainer" | "startContainer" | "stopSandbox", number>>;
  /** What containers do, told by how they were made. Default: they run until they are stopped. */
  readonly script?: (config: ContainerConfig) => ContainerScript;
  /** What commands in containers do. Default: succeed without output. */
  readonly exec?: (container: ContainerState, command: readonly string[]) => ExecAnswer | Promise<ExecAnswer>;
}

/** What a command does. */
export interface ExecAnswer {
  readonly exitCode?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** How long it takes; one that takes longer than it may times out. Default 0. */
  readonly takesMs?: number;
}

/** A container runtime without containers: everything happens in memory and in the clock's time. */
export interface FakeRuntime extends Runtime {
  readonly images: FakeImages;
  /** Put functions here to make calls wait or fail. */
  readonly faults: FakeFaults;
  /** Every call that changes something, such as `startContainer web-0`. */
  readonly calls: readonly string[];
  /** What `status` answers. */
  setStatus(status: Partial<RuntimeStatus>): void;
  /** The newest container of that name. @throws {Error} when there is none */
  container(name: string): ContainerState;
  /** How a container was made. */
  configOf(id: string): ContainerConfig;
  sandboxConfigOf(id: string): SandboxConfig;
  /** Makes a running container end now. */
  exit(name: string, exitCode: number, reason?: string): void;
  /** Makes a sandbox die with all its containers. */
  killSandbox(id: string): void;
  /** Events are lost while this is on; a `resync` comes when it is switched off. */
  setEventsLost(areLost: boolean): void;
}

interface RunningContainer {
  state: ContainerState;
  readonly config: ContainerConfig;
  readonly script: ContainerScript;
  timer: Timer | undefined;
  /** Called when it has ended. */
  readonly onEnd: Set<() => void>;
}

/** Creates a runtime with nothing in it but the images `web:1` and the like that tests put there. */
export function createFakeRuntime(options: FakeRuntimeOptions): FakeRuntime {
  const { clock, delaysMs = {}, script = () => ({}) } = options;
  const exec = options.exec ?? (() => ({}) as ExecAnswer);
  const sandboxes = new Map<string, { sandbox: Sandbox; readonly config: SandboxConfig }>();
  const containers = new Map<string, RunningContainer>();
  const listeners = new Set<(event: RuntimeEvent) => void>();
  const calls: string[] = [];
  const faults: FakeFaults = {};
  const images = createImageStore(clock);
  const never = new AbortController().signal;
  let areEventsLost = false;
  let status: RuntimeStatus = {
    name: "containerd",
    version: "2.0.0",
    runtimeReady: true,
    networkReady: true,
    message: "",
    handlers: [{ name: "", recursiveReadOnlyMounts: true, userNamespaces: false }],
    supplementalGroupsPolicy: true,
  };
  let lastAddress = 1;
  let lastId = 0;

  const emit = (event: RuntimeEvent): void => {
    if (!areEventsLost) for (const listener of listeners) listener(event);
  };
  const pause = async (what: keyof NonNullable<FakeRuntimeOptions["delaysMs"]>): Promise<void> => {
    const delayMs = delaysMs[what] ?? 0;
    if (delayMs > 0) await sleep(clock, delayMs, never);
  };
  const requireContainer = (id: string): RunningContainer => {
    const found = containers.get(id);
    if (found === undefined) throw new RuntimeError("notFound", `container "${id}" not found`, { rpcCode: "NotFound" });
    return found;
  };
  const podUidOf = (container: RunningContainer): string => container.config.sandbox.uid;
  const end = (container: RunningContainer, exitCode: number, reason?: string): void => {
    if (container.state.state !== "running") return;
    container.timer?.cancel();
    container.state = {
      ...container.state,
      state: "exited",
      exitCode,
      reason: reason ?? (exitCode === 0 ? "Completed" : "Error"),
      finishedAtMs: clock.nowMs(),
    };
    for (const tell of container.onEnd) tell();
    const { id: containerId, sandboxId } = container.state;
    const podUid = podUidOf(container);
    if (reason === "OOMKilled") emit({ type: "oomKilled", containerId, sandboxId, podUid });
    emit({ type: "exited", containerId, sandboxId, podUid });
  };
  const killSandbox = (id: string): void => {
    const entry = sandboxes.get(id);
    if (entry === undefined || !entry.sandbox.ready) return;
    for (const container of containers.values()) if (container.state.sandboxId === id) end(container, 137);
    entry.sandbox = { ...entry.sandbox, ready: false, ips: [] };
    emit({ type: "exited", sandboxId: id, podUid: entry.sandbox.uid });
  };
  /** Lets a container end as its script says, or kills it when its time is up. */
  const stop = (container: RunningContainer, graceSeconds: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const { stopsAfterMs = 0, stopExitCode = 0 } = container.script;
      const isKilled = stopsAfterMs === "never" || stopsAfterMs > graceSeconds * 1000;
      const timer = clock.setTimer(isKilled ? graceSeconds * 1000 : stopsAfterMs, () =>
        end(container, isKilled ? 137 : stopExitCode),
      );
      const settle = (): void => {
        timer.cancel();
        container.onEnd.delete(onEnd);
        signal?.removeEventListener("abort", onAbort);
      };
      const onEnd = (): void => {
        settle();
        resolve();
      };
      const onAbort = (): void => {
        settle();
        reject(signal?.reason);
      };
      container.onEnd.add(onEnd);
      signal?.addEventListener("abort", onAbort, { once: true });
    });

  return {
    images,
    faults,
    calls,
    setStatus(changes) {
      status = { ...status, ...changes };
    },
    container(name) {
      const found = [...containers.values()].findLast(({ state }) => state.name === name);
      if (found === undefined) throw new Error(`no container ${name}`);
      return found.state;
    },
    configOf: (id) => requireContainer(id).config,
    sandboxConfigOf(id) {
      const entry = sandboxes.get(id);
      if (entry === undefined) throw new Error(`no sandbox ${id}`);
      return entry.config;
    },
    exit(name, exitCode, reason) {
      const found = [...containers.values()].find(({ state }) => state.name === name && state.state === "running");
      if (found === undefined) throw new Error(`no running container ${name}`);
      end(found, exitCode, reason);
    },
    killSandbox,
    setEventsLost(areLost) {
      const wasLost = areEventsLost;
      areEventsLost = areLost;
      if (wasLost && !areLost) emit({ type: "resync" });
    },

    status: async () => status,
    listSandboxes: async () => [...sandboxes.values()].map(({ sandbox }) => sandbox).reverse(),
    inspectSandbox: async (id) => sandboxes.get(id)?.sandbox,
    async runSandbox(config) {
      calls.push(`runSandbox ${config.name}`);
      await pause("runSandbox");
      await faults.runSandbox?.(config);
      lastId += 1;
      lastAddress += 1;
      const { name, namespace, uid, attempt, labels, annotations } = config;
      const sandbox: Sandbox = {
        id: `sandbox-${lastId}`,
        name,
        namespace,
        uid,
        attempt,
        ready: true,
        createdAtMs: clock.nowMs(),
        ips: config.namespaces.network === "node" ? [] : [`10.1.${lastAddress >> 8}.${lastAddress & 0xff}`],
        labels,
        annotations,
      };
      sandboxes.set(sandbox.id, { sandbox, config });
      emit({ type: "started", sandboxId: sandbox.id, podUid: uid });
      return sandbox;
    },
    async stopSandbox(id) {
      const entry = sandboxes.get(id);
      if (entry === undefined || !entry.sandbox.ready) return;
      calls.push(`stopSandbox ${entry.sandbox.name}`);
      await pause("stopSandbox");
      await faults.stopSandbox?.(entry.sandbox);
      killSandbox(id);
    },
    async removeSandbox(id) {
      const entry = sandboxes.get(id);
      if (entry === undefined) return;
      if (entry.sandbox.ready) throw new RuntimeError("failed", `sandbox "${id}" is still running`);
      calls.push(`removeSandbox ${entry.sandbox.name}`);
      for (const [key, container] of containers) if (container.state.sandboxId === id) containers.delete(key);
      sandboxes.delete(id);
      emit({ type: "deleted", sandboxId: id, podUid: entry.sandbox.uid });
    },

    listContainers: async () => [...containers.values()].map(({ state }) => state),
    inspectContainer: async (id) => containers.get(id)?.state,
    async createContainer(sandboxId, config) {
      calls.push(`createContainer ${config.name}`);
      await pause("createContainer");
      await faults.createContainer?.(config);
      if (sandboxes.get(sandboxId)?.sandbox.ready !== true)
        throw new RuntimeError("notFound", `sandbox "${sandboxId}" is not running`);
      const image = await images.find(config.imageId);
      if (image === undefined) throw new RuntimeError("notFound", `image "${config.imageId}" not found`);
      lastId += 1;
      const state: ContainerState = {
        id: `${config.name}-${lastId}`,
        sandboxId,
        name: config.name,
        attempt: config.attempt,
        state: "created",
        createdAtMs: clock.nowMs(),
        startedAtMs: 0,
        finishedAtMs: 0,
        exitCode: 0,
        reason: "",
        message: "",
        image: config.image,
        imageRef: image.digests[0] ?? image.id,
        labels: config.labels,
        annotations: config.annotations,
        logPath: `${config.sandbox.logDirectory}/${config.logPath}`,
        resources: config.resources,
      };
      containers.set(state.id, { state, config, script: script(config), timer: undefined, onEnd: new Set() });
      return state.id;
    },
    async startContainer(id) {
      const container = requireContainer(id);
      calls.push(`startContainer ${container.state.name}`);
      await pause("startContainer");
      try {
        await faults.startContainer?.(container.state);
      } catch (error) {
        const finishedAtMs = clock.nowMs();
        const message = error instanceof Error ? error.message : String(error);
        const reason = "StartError";
        container.state = { ...container.state, state: "exited", exitCode: 128, reason, message, finishedAtMs };
        throw error;
      }
      container.state = { ...container.state, state: "running", startedAtMs: clock.nowMs() };
      const { runsForMs, exitCode = 0, isOomKilled = false, onStart } = container.script;
      if (runsForMs !== undefined)
        container.timer = clock.setTimer(runsForMs, () =>
          isOomKilled ? end(container, 137, "OOMKilled") : end(container, exitCode),
        );
      emit({ type: "started", containerId: id, sandboxId: container.state.sandboxId, podUid: podUidOf(container) });
      onStart?.(container.state);
    },
    async stopContainer(id, graceSeconds, signal) {
      const container = containers.get(id);
      if (container?.state.state !== "running") return;
      calls.push(`stopContainer ${container.state.name} ${graceSeconds}`);
      await faults.stopContainer?.(container.state);
      await stop(container, graceSeconds, signal);
    },
    async removeContainer(id) {
      const container = containers.get(id);
      if (container === undefined) return;
      calls.push(`removeContainer ${container.state.name}`);
      end(container, 137);
      containers.delete(id);
      emit({ type: "deleted", containerId: id, podUid: podUidOf(container) });
    },
    async updateContainerResources(id, resources) {
      const container = requireContainer(id);
      calls.push(`updateContainerResources ${container.state.name}`);
      container.state = { ...container.state, resources };
    },
    async execSync(id, command, timeoutMs, signal): Promise<ExecResult> {
      const container = requireContainer(id);
      if (container.state.state !== "running") throw new RuntimeError("failed", `container "${id}" is not running`);
      const { exitCode = 0, stdout = "", stderr = "", takesMs = 0 } = await exec(container.state, command);
      const isTooSlow = timeoutMs > 0 && takesMs > timeoutMs;
      if (takesMs > 0) await sleep(clock, isTooSlow ? timeoutMs : takesMs, signal ?? never);
      if (isTooSlow) throw new RuntimeError("timeout", "command timed out", { rpcCode: "DeadlineExceeded" });
      const encoder = new TextEncoder();
      return { exitCode, stdout: encoder.encode(stdout), stderr: encoder.encode(stderr) };
    },
    async *events(signal) {
      const queue: RuntimeEvent[] = [];
      let wake: (() => void) | undefined;
      const listener = (event: RuntimeEvent): void => {
        queue.push(event);
        wake?.();
      };
      const onAbort = (): void => wake?.();
      listeners.add(listener);
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        while (!signal.aborted) {
          const event = queue.shift();
          if (event !== undefined) yield event;
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        listeners.delete(listener);
        signal.removeEventListener("abort", onAbort);
      }
    },
    async tailLog(id, { maxLines, maxBytes }) {
      const text = containers.get(id)?.script.log ?? "";
      const lines = text.split("\n");
      const end = lines.at(-1) === "" ? lines.length - 1 : lines.length;
      const tail = lines.slice(Math.max(0, end - maxLines), end).join("\n");
      return (text.endsWith("\n") ? `${tail}\n` : tail).slice(-maxBytes);
    },
    async removePodLogs(logDirectory) {
      calls.push(`removePodLogs ${logDirectory}`);
    },
  };
}
