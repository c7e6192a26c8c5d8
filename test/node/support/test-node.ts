import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { sleep } from "../../../src/base/clock.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { createRealClock } from "../../../src/base/real-clock.ts";
import type { Cgroups } from "../../../src/kubelet/cgroups.ts";
import type { ContainerConfig, SandboxConfig } from "../../../src/kubelet/runtime.ts";
import { findCgroupHierarchy } from "../../../src/machine/cgroups/hierarchy.ts";
import { type ContainerdOptions, startContainerd } from "../../../src/machine/containerd-process.ts";
import { type CriRuntime, createCriRuntime } from "../../../src/machine/cri-runtime.ts";
import { sandboxImage } from "../../../src/machine/image-catalog.ts";
import { writeMirrorHosts } from "../../../src/machine/image-mirror.ts";
import { createKernelCgroups } from "../../../src/machine/kernel-cgroups.ts";
import { readMounts } from "../../../src/machine/mount-table.ts";
import { tearDownNode } from "../../../src/machine/node-teardown.ts";
import { identifyProcess } from "../../../src/machine/process-table.ts";

const run = promisify(execFile);

/** Images that tests build once and share. Outside the folders that are removed after each suite. */
export const imageFolder = "/var/cache/k8ts/images";

/** A node's runtime in a network namespace of its own. */
export interface TestNode {
  readonly name: string;
  readonly folder: string;
  readonly networkNamespace: string;
  readonly containerdOptions: ContainerdOptions;
  readonly runtime: CriRuntime;
  readonly cgroups: Cgroups;
  readonly signal: AbortSignal;
  /** Runs a program in the node's network. */
  inNetwork(program: string, ...parameters: string[]): Promise<string>;
  /** Kills a container's first process from outside. */
  killContainer(id: string): Promise<void>;
  /** Kills containerd alone, as a crash would. */
  killContainerd(): Promise<void>;
  /** Removes every pod, ends containerd and takes the namespace away. */
  close(): Promise<void>;
}

/** Starts containerd with a bridge of its own, apart from the machine's network. */
export async function startTestNode(): Promise<TestNode> {
  const clock = createRealClock();
  const name = `k8ts-test-${process.pid}-${Math.floor(clock.nowMs()) % 100_000}`;
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  const networkNamespace = `/run/netns/${name}`;
  const abort = new AbortController();
  const { signal } = abort;
  await run("ip", ["netns", "add", name]);
  await run("ip", ["-netns", name, "link", "set", "lo", "up"]);
  const mirror = await startMirrorProcess(networkNamespace);
  const containerdOptions: ContainerdOptions = {
    folder: join(folder, "containerd"),
    sandboxImage,
    snapshotter: "overlayfs",
    restrictOomScoreAdj: true,
    cniConfigFolder: join(folder, "cni"),
    registryFolder: join(folder, "registries"),
    networkNamespace,
    clock,
    logger: silentLogger,
  };
  await writeMirrorHosts(containerdOptions.registryFolder, mirror.address);
  await writeNetworkConfig(containerdOptions.cniConfigFolder, folder);
  const { socketPath } = await startContainerd(containerdOptions, signal);
  const hierarchy = findCgroupHierarchy(await readMounts());
  if (hierarchy === undefined) throw new Error("no control groups are mounted");
  const cgroups = createKernelCgroups({ root: `/${name}`, hierarchy, clock });
  const runtime = createCriRuntime(
    { socketPath, cgroupRoot: `/${name}`, sandboxImage, clock, logger: silentLogger },
    signal,
  );
  return {
    name,
    folder,
    networkNamespace,
    containerdOptions,
    runtime,
    signal,
    async inNetwork(program, ...parameters) {
      return (await run("nsenter", [`--net=${networkNamespace}`, "--", program, ...parameters])).stdout;
    },
    async killContainer(id) {
      const { stdout } = await run("find", [
        "/sys/fs/cgroup",
        "-path",
        `*${id}/cgroup.procs`,
        "-exec",
        "cat",
        "{}",
        "+",
      ]);
      for (const pid of new Set(stdout.trim().split("\n"))) process.kill(Number(pid), "SIGKILL");
    },
    async killContainerd() {
      const [pid = ""] = (await readFile(join(containerdOptions.folder, "containerd.pid"), "utf8")).split(" ");
      process.kill(Number(pid), "SIGKILL");
      while (await identifyProcess(Number(pid))) await sleep(clock, 5, signal);
    },
    cgroups,
    async close() {
      const { folder: containerdFolder } = containerdOptions;
      await tearDownNode(
        { runtime, containerdFolder, cgroups, dataFolder: folder, clock, logger: silentLogger },
        signal,
      );
      abort.abort();
      mirror.stop();
      await run("ip", ["netns", "delete", name]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A bridge with addresses from a range of the test's own. */
async function writeNetworkConfig(configFolder: string, folder: string): Promise<void> {
  await mkdir(configFolder, { recursive: true });
  const config = {
    cniVersion: "0.4.0",
    name: "k8ts",
    plugins: [
      {
        type: "bridge",
        bridge: "cni0",
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: join(folder, "addresses"),
          ranges: [[{ subnet: "10.250.0.0/24" }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
    ],
  };
  await writeFile(join(configFolder, "10-k8ts.conflist"), JSON.stringify(config));
}

async function startMirrorProcess(networkNamespace: string): Promise<{ address: string; stop(): void }> {
  const script = join(import.meta.dirname, "mirror-main.ts");
  const child = spawn("nsenter", [`--net=${networkNamespace}`, "--", process.execPath, script, imageFolder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  for await (const address of lines) return { address, stop: () => child.stdin.end() };
  throw new Error("the mirror did not start");
}

/** A pod's sandbox with nothing special about it. */
export function sandboxOf(node: TestNode, name: string, changes: Partial<SandboxConfig> = {}): SandboxConfig {
  const uid = `uid-${name}`;
  return {
    name,
    namespace: "default",
    uid,
    attempt: 0,
    hostname: name,
    logDirectory: join(node.folder, "logs", `default_${name}_${uid}`),
    portMappings: [],
    labels: {
      "io.kubernetes.pod.name": name,
      "io.kubernetes.pod.namespace": "default",
      "io.kubernetes.pod.uid": uid,
    },
    annotations: {},
    cgroupParent: `/kubepods/besteffort/pod${uid}`,
    sysctls: {},
    namespaces: { network: "pod", pid: "container", ipc: "pod" },
    security: plainSecurity,
    runtimeHandler: "",
    ...changes,
  };
}

/** A container that runs a shell command. */
export function containerOf(
  sandbox: SandboxConfig,
  imageId: string,
  script: string,
  changes: Partial<ContainerConfig> = {},
): ContainerConfig {
  return {
    sandbox,
    name: "main",
    attempt: 0,
    imageId,
    image: "busybox:1.36",
    command: ["sh", "-c", script],
    args: [],
    workingDir: "",
    env: [],
    mounts: [],
    labels: { ...sandbox.labels, "io.kubernetes.container.name": "main" },
    annotations: {},
    logPath: "main/0.log",
    stdin: false,
    stdinOnce: false,
    tty: false,
    resources: { cpuShares: 2, cpuQuotaMicros: 0, cpuPeriodMicros: 100_000, memoryLimitBytes: 0, oomScoreAdj: 1000 },
    security: plainSecurity,
    stopSignal: "",
    ...changes,
  };
}

const plainSecurity: SandboxConfig["security"] = {
  supplementalGroups: [],
  privileged: false,
  readOnlyRootFilesystem: false,
  allowPrivilegeEscalation: true,
  capabilities: { add: [], drop: [] },
  seccomp: { type: "Unconfined" },
  namespaces: { network: "pod", pid: "container", ipc: "pod" },
};
