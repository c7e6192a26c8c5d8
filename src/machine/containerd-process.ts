import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type BackoffPolicy, backoffDelayMs } from "../base/backoff.ts";
import { type Clock, sleep } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { type ContainerdSettings, renderContainerdConfig } from "./containerd/render-config.ts";
import { createGrpcChannel } from "./cri/channel.ts";
import { methods } from "./cri/methods.ts";
import { unmountBelow } from "./mount-table.ts";
import { endProcess, findProcesses, identifyProcess, isRunning, type ProcessIdentity } from "./process-table.ts";
import { ensureTmpfs } from "./volumes/held-mounts.ts";

/** A containerd of our own, apart from any other on the machine. It outlives the process that started it. */
export interface ContainerdProcess {
  readonly socketPath: string;
  readonly pid: number;
  /** Whether it ran already. */
  readonly adopted: boolean;
}

export interface ContainerdOptions {
  /** Holds root, state, socket, configuration and log. */
  readonly folder: string;
  readonly sandboxImage: string;
  readonly snapshotter: ContainerdSettings["snapshotter"];
  readonly restrictOomScoreAdj: boolean;
  readonly cniConfigFolder: string;
  /** Default: Debian's. */
  readonly cniProgramFolder?: string;
  readonly registryFolder: string;
  /** Path of the network namespace to run in; default: this process's own. */
  readonly networkNamespace?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** containerd cannot run here; the message is one sentence for the user. */
export class ContainerdError extends Error {
  override readonly name = "ContainerdError";
}

/** Programs that containerd starts by name. */
const neededPrograms = ["containerd", "containerd-shim-runc-v2", "runc", "mount", "umount"];

/** Plugins that every pod's network is made by. */
const neededPlugins = ["loopback", "bridge", "host-local"];

const debianCniFolder = "/usr/lib/cni";

/** How long containerd may take until it answers. It takes about 60 ms; a machine under load takes longer. */
const startTimeoutMs = 30_000;

/** How long it may take to end. */
const stopGraceMs = 10_000;

/** The log is put aside at a start when it has grown beyond this. */
const maxLogBytes = 10 * 1024 * 1024;

/** Longest path of a Unix socket. Source: unix(7). */
const maxSocketPath = 107;

/**
 * Starts containerd, or finds the one that runs already with this folder, and waits until it answers. One that was
 * started with other settings is replaced.
 * @throws {ContainerdError}
 */
export async function startContainerd(options: ContainerdOptions, signal: AbortSignal): Promise<ContainerdProcess> {
  const files = filesOf(options.folder);
  checkPrograms(options);
  if (files.socket.length > maxSocketPath)
    throw new ContainerdError(
      `the data folder's path is too long: ${files.socket} has more than ${maxSocketPath} letters`,
    );
  const running = await findRunning(files);
  const isAsWanted = (await readFile(files.config, "utf8").catch(() => "")) === renderConfig(options, files);
  // Containers do not notice that containerd is replaced: they belong to their shims.
  if (running !== undefined && !isAsWanted) await endProcess(running, stopGraceMs, options.clock, signal);
  if (running !== undefined && isAsWanted) {
    await waitUntilReady(files, running, options, signal);
    return { socketPath: files.socket, pid: running.pid, adopted: true };
  }
  await prepareFolder(options, files);
  const started = await launch(options, files);
  await waitUntilReady(files, started, options, signal);
  return { socketPath: files.socket, pid: started.pid, adopted: false };
}

/**
 * Starts containerd again whenever it has died, until the signal is aborted.
 * @param onRestart is told each time
 */
export async function superviseContainerd(
  options: ContainerdOptions,
  signal: AbortSignal,
  onRestart: () => void = () => undefined,
): Promise<void> {
  const { clock, logger } = options;
  const files = filesOf(options.folder);
  let failures = 0;
  while (!signal.aborted) {
    try {
      await sleep(clock, Math.max(checkPeriodMs, backoffDelayMs(restartPolicy, failures)), signal);
      if ((await findRunning(files)) !== undefined) continue;
      logger.warn("containerd has died and is started again");
      await startContainerd(options, signal);
      failures = 0;
      onRestart();
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      logger.error("containerd could not be started again", { error });
    }
  }
}

/** How often containerd's life is looked at: a glance at one file. */
const checkPeriodMs = 1_000;

/** How attempts to start it again slow down. */
const restartPolicy: BackoffPolicy = { initialMs: 1_000, maxMs: 60_000 };

/**
 * Ends containerd with its shims and unmounts what they leave. Pods have to be removed before: what still runs in them
 * is killed. Does nothing when nothing is left of it.
 */
export async function stopContainerd(
  folder: string,
  parts: { readonly clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const files = filesOf(folder);
  const running = await findRunning(files);
  if (running !== undefined) await endProcess(running, stopGraceMs, parts.clock, signal);
  await removeShimSockets(files.state);
  const shims = await findProcesses((command) => command.includes(files.socket) && isShim(command[0] ?? ""));
  await Promise.all(shims.map((shim) => endProcess(shim, 0, parts.clock, signal)));
  await unmountBelow(files.state, signal);
  await unmountBelow(files.root, signal);
  await rm(files.state, { recursive: true, force: true });
  for (const path of [files.pid, files.socket, `${files.socket}.ttrpc`]) await rm(path, { force: true });
}

/** A shim that is killed leaves its socket in a folder that all containerds share; each bundle knows the address. */
async function removeShimSockets(stateFolder: string): Promise<void> {
  const bundles = join(stateFolder, "io.containerd.runtime.v2.task", "k8s.io");
  for (const id of await readdir(bundles).catch(() => [])) {
    const address = await readFile(join(bundles, id, "address"), "utf8").catch(() => "");
    if (address.startsWith("unix://")) await rm(address.slice("unix://".length), { force: true });
  }
}

function isShim(program: string): boolean {
  return program.includes("containerd-shim-runc-v2");
}

interface ContainerdFiles {
  readonly root: string;
  readonly state: string;
  readonly socket: string;
  readonly config: string;
  readonly pid: string;
  readonly log: string;
}

function filesOf(folder: string): ContainerdFiles {
  return {
    root: join(folder, "root"),
    state: join(folder, "state"),
    socket: join(folder, "containerd.sock"),
    config: join(folder, "config.toml"),
    pid: join(folder, "containerd.pid"),
    log: join(folder, "containerd.log"),
  };
}

function checkPrograms(options: ContainerdOptions): void {
  const folders = searchPath().split(delimiter);
  const missing = neededPrograms.filter((name) => !folders.some((folder) => isExecutable(join(folder, name))));
  const plugins = options.cniProgramFolder ?? debianCniFolder;
  missing.push(...neededPlugins.map((name) => join(plugins, name)).filter((path) => !isExecutable(path)));
  if (missing.length > 0) throw new ContainerdError(`these programs are missing: ${missing.join(", ")}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian keeps runc where a user's own search path may not look. */
function searchPath(): string {
  return [process.env["PATH"] ?? "", "/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(delimiter);
}

/** The containerd that runs with this folder. A pid file that speaks of another process is out of date. */
async function findRunning(files: ContainerdFiles): Promise<ProcessIdentity | undefined> {
  const text = await readFile(files.pid, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const [pid = "", startTicks = ""] = text.trim().split(" ");
  const identity = { pid: Number(pid), startTicks };
  return (await isRunning(identity)) ? identity : undefined;
}

async function prepareFolder(options: ContainerdOptions, files: ContainerdFiles): Promise<void> {
  for (const folder of [files.root, files.state, options.cniConfigFolder, options.registryFolder])
    await mkdir(folder, { recursive: true });
  // State speaks of running processes: in memory it vanishes with them when the machine stops, and is faster.
  await ensureTmpfs(files.state, { mode: "0711" });
  await writeFile(files.config, renderConfig(options, files));
  const log = await stat(files.log).catch(() => undefined);
  if (log !== undefined && log.size > maxLogBytes) await rename(files.log, `${files.log}.1`);
}

function renderConfig(options: ContainerdOptions, files: ContainerdFiles): string {
  return renderContainerdConfig({
    sandboxImage: options.sandboxImage,
    snapshotter: options.snapshotter,
    restrictOomScoreAdj: options.restrictOomScoreAdj,
    cniConfigFolder: options.cniConfigFolder,
    cniProgramFolder: options.cniProgramFolder ?? debianCniFolder,
    registryFolder: options.registryFolder,
    rootFolder: files.root,
    stateFolder: files.state,
    socketPath: files.socket,
  });
}

async function launch(options: ContainerdOptions, files: ContainerdFiles): Promise<ProcessIdentity> {
  const command = ["containerd", "--config", files.config];
  const inNamespace =
    options.networkNamespace === undefined
      ? command
      : ["nsenter", `--net=${options.networkNamespace}`, "--", ...command];
  const [program = "", ...parameters] = inNamespace;
  const log = await open(files.log, "a", 0o600);
  try {
    const child = spawn(program, parameters, {
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
      env: { PATH: searchPath() },
      cwd: "/",
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => resolve(child.pid ?? 0));
    });
    child.unref();
    const identity = await identifyProcess(pid);
    if (identity === undefined) throw new ContainerdError(`containerd ended at once: ${await lastComplaint(files)}`);
    await writeFile(files.pid, `${identity.pid} ${identity.startTicks}\n`);
    return identity;
  } finally {
    await log.close();
  }
}

async function waitUntilReady(
  files: ContainerdFiles,
  identity: ProcessIdentity,
  options: ContainerdOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = options;
  const untilMs = clock.monotonicMs() + startTimeoutMs;
  const channel = createGrpcChannel(`unix:${files.socket}`, clock);
  try {
    for (;;) {
      signal.throwIfAborted();
      const failure = await channel.call(methods.version, {}, { signal }).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) return;
      if (!(await isRunning(identity)))
        throw new ContainerdError(`containerd ended at once: ${await lastComplaint(files)}`, { cause: failure });
      if (clock.monotonicMs() > untilMs)
        throw new ContainerdError(`containerd does not answer: ${await lastComplaint(files)}`, { cause: failure });
      await sleep(clock, 5, signal);
    }
  } finally {
    channel.close();
  }
}

/** The last error in containerd's log. */
async function lastComplaint(files: ContainerdFiles): Promise<string> {
  const lines = (await readFile(files.log, "utf8").catch(() => "")).trim().split("\n");
  return lines.findLast((line) => /level=(error|fatal)|^containerd:/.test(line)) ?? lines.at(-1) ?? "no log";
}
