import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/base/log.ts";
import { createRealClock } from "../../src/base/real-clock.ts";
import type {
  ContainerConfig,
  ContainerState,
  RuntimeEvent,
  Sandbox,
  SandboxConfig,
} from "../../src/kubelet/runtime.ts";
import { followContainerLog } from "../../src/machine/container-logs.ts";
import { startContainerd } from "../../src/machine/containerd-process.ts";
import { createCriRuntime } from "../../src/machine/cri-runtime.ts";
import { rotateOnce } from "../../src/machine/log-rotation.ts";
import { assertUnchanged, type MachineSnapshot, takeSnapshot } from "./support/machine-snapshot.ts";
import { containerOf, sandboxOf, startTestNode, type TestNode } from "./support/test-node.ts";

let before: MachineSnapshot;
let node: TestNode;
let busybox: string;

beforeAll(async () => {
  before = await takeSnapshot();
  node = await startTestNode();
  busybox = (await node.runtime.images.pull("busybox:1.36", [])).id;
});
afterAll(async () => {
  await node.close();
  await assertUnchanged(before);
});

interface Started {
  readonly config: SandboxConfig;
  readonly sandbox: Sandbox;
  readonly id: string;
}

async function start(
  name: string,
  script: string,
  changes: Partial<ContainerConfig> = {},
  sandboxChanges: Partial<SandboxConfig> = {},
): Promise<Started> {
  const config = sandboxOf(node, name, sandboxChanges);
  const sandbox = await node.runtime.runSandbox(config);
  const id = await node.runtime.createContainer(sandbox.id, containerOf(config, busybox, script, changes));
  await node.runtime.startContainer(id);
  return { config, sandbox, id };
}

/** Waits for the event that the agent acts upon, then looks: what it sees must be complete. */
async function untilExited(id: string): Promise<ContainerState> {
  const abort = new AbortController();
  const events = node.runtime.events(abort.signal);
  const look = async (): Promise<ContainerState | undefined> => {
    const state = await node.runtime.inspectContainer(id);
    return state?.state === "exited" ? state : undefined;
  };
  try {
    const already = await look();
    if (already !== undefined) return already;
    for await (const event of events) {
      if (event.type !== "exited" || event.containerId !== id) continue;
      const state = await look();
      if (state === undefined) throw new Error("the event came before the state");
      return state;
    }
  } finally {
    abort.abort();
  }
  throw new Error("the events ended");
}

const logOf = async (id: string, maxLines = 100): Promise<string> =>
  node.runtime.tailLog(id, { maxLines, maxBytes: 100_000 });

describe("a sandbox", () => {
  it("has an address that the node reaches, a host name and the resolver it was given", async () => {
    const { sandbox, id } = await start(
      "net",
      "hostname; cat /etc/resolv.conf; httpd -f -p 80 -h /",
      {},
      { dns: { servers: ["10.96.0.10"], searches: ["default.svc.cluster.local"], options: ["ndots:5"] } },
    );
    const page = (): Promise<string> =>
      node.inNetwork("busybox", "wget", "-qO-", `http://${sandbox.ips[0]}/etc/hostname`).catch(() => "");
    await expect.poll(page, { timeout: 5_000 }).toBe("net\n");
    expect([sandbox.ips[0], sandbox.ready, await logOf(id)]).toEqual([
      expect.stringMatching(/^10\.250\.0\.\d+$/),
      true,
      "net\nsearch default.svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
    ]);
  });

  it("is listed with what identifies it, and not ready once it is stopped", async () => {
    const { config, sandbox } = await start("listed", "sleep 1000");
    const listed = (await node.runtime.listSandboxes()).find((item) => item.id === sandbox.id);
    expect(listed).toEqual({
      ...sandbox,
      name: "listed",
      namespace: "default",
      uid: config.uid,
      labels: config.labels,
    });
    await node.runtime.stopSandbox(sandbox.id);
    await node.runtime.stopSandbox(sandbox.id);
    expect(await node.runtime.inspectSandbox(sandbox.id)).toMatchObject({ ready: false, ips: [] });
    await node.runtime.removeSandbox(sandbox.id);
    await node.runtime.removeSandbox(sandbox.id);
    expect(await node.runtime.inspectSandbox(sandbox.id)).toBeUndefined();
  });
});

describe("a container", () => {
  it("tells how it ended", async () => {
    const { id, sandbox } = await start("ends", "echo out; echo err >&2; exit 7");
    const state = await untilExited(id);
    expect(state).toMatchObject({
      sandboxId: sandbox.id,
      state: "exited",
      exitCode: 7,
      reason: "Error",
      image: "busybox:1.36",
      imageRef: expect.stringMatching(/^docker\.io\/library\/busybox@sha256:/),
    });
    expect(state.finishedAtMs).toBeGreaterThanOrEqual(state.startedAtMs);
    expect(
      (await readFile(state.logPath, "utf8"))
        .split("\n")
        .map((line) => line.split(" ").slice(1).join(" "))
        .toSorted(),
    ).toEqual(["", "stderr F err", "stdout F out"]);
  });

  it("whose command does not exist fails in the runtime's words", async () => {
    const config = sandboxOf(node, "nocommand");
    const sandbox = await node.runtime.runSandbox(config);
    const id = await node.runtime.createContainer(
      sandbox.id,
      containerOf(config, busybox, "", { command: ["/no/such/program"] }),
    );
    await expect(node.runtime.startContainer(id)).rejects.toMatchObject({
      code: "failed",
      rpcCode: "Unknown",
      message: expect.stringMatching(
        /^failed to create containerd task: .*\/no\/such\/program.*no such file or directory/,
      ),
    });
    expect(await node.runtime.inspectContainer(id)).toMatchObject({
      state: "exited",
      exitCode: 128,
      reason: "StartError",
    });
  });

  it("gets its environment, mounts, user and limits", async () => {
    const shared = join(node.folder, "shared");
    await mkdir(shared);
    await writeFile(join(shared, "in"), "from the node\n");
    const { id } = await start(
      "configured",
      'echo "$GREETING"; cat /shared/in; touch /shared/out 2>&1; id -u; id -g; pwd; cat /sys/fs/cgroup/cpu/cpu.shares',
      {
        env: [{ name: "GREETING", value: "hello\tworld" }],
        mounts: [{ hostPath: shared, containerPath: "/shared", readOnly: true, propagation: "private" }],
        workingDir: "/tmp",
        resources: {
          cpuShares: 512,
          cpuQuotaMicros: 50_000,
          cpuPeriodMicros: 100_000,
          memoryLimitBytes: 32 << 20,
          oomScoreAdj: 900,
        },
        security: { ...sandboxOf(node, "x").security, runAsUser: 1000, runAsGroup: 3000 },
      },
    );
    await untilExited(id);
    expect((await logOf(id)).split("\n")).toEqual([
      "hello\tworld",
      "from the node",
      "touch: /shared/out: Read-only file system",
      "1000",
      "3000",
      "/tmp",
      "512",
      "",
    ]);
  });

  it("ends within its grace period, or is killed after it", async () => {
    const kind = await start("kind", "trap 'exit 3' TERM; while true; do sleep 0.05; done");
    const stubborn = await start("stubborn", "trap '' TERM; while true; do sleep 0.05; done");
    await Promise.all([node.runtime.stopContainer(kind.id, 30), node.runtime.stopContainer(stubborn.id, 1)]);
    expect([
      await node.runtime.inspectContainer(kind.id),
      await node.runtime.inspectContainer(stubborn.id),
    ]).toMatchObject([
      { exitCode: 3, reason: "Error" },
      { exitCode: 137, reason: "Error" },
    ]);
    await node.runtime.removeContainer(kind.id);
    await node.runtime.removeContainer(kind.id);
    expect(await node.runtime.inspectContainer(kind.id)).toBeUndefined();
  });

  it("is known to be killed for its memory, every time", async () => {
    const limits = { cpuShares: 2, cpuQuotaMicros: 0, cpuPeriodMicros: 100_000, oomScoreAdj: 1000 };
    const reasons: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      const { id, sandbox } = await start(`hog-${round}`, "exec tail /dev/zero", {
        resources: { ...limits, memoryLimitBytes: 16 << 20 },
      });
      const { exitCode, reason } = await untilExited(id);
      reasons.push(`${exitCode} ${reason}`);
      await node.runtime.stopSandbox(sandbox.id);
    }
    expect(new Set(reasons)).toEqual(new Set(["137 OOMKilled"]));
  });

  it("that is killed from outside was not killed for its memory", async () => {
    const { id } = await start("killed", "sleep 1000");
    await node.runtime.execSync(id, ["sh", "-c", "kill -9 1 || true"], 5_000);
    // The kernel shields the first process of a namespace from those within: the node kills it.
    const { stdout } = await node.runtime.execSync(id, ["cat", "/proc/1/cgroup"], 5_000);
    expect(Buffer.from(stdout).toString()).toContain(id);
    await node.killContainer(id);
    expect(await untilExited(id)).toMatchObject({ exitCode: 137, reason: "Error" });
  });

  it("takes new limits while it runs", async () => {
    const { id } = await start("resized", "sleep 1000");
    await node.runtime.updateContainerResources(id, {
      cpuShares: 777,
      cpuQuotaMicros: 20_000,
      cpuPeriodMicros: 100_000,
      memoryLimitBytes: 24 << 20,
      oomScoreAdj: 1000,
    });
    const { stdout } = await node.runtime.execSync(id, ["cat", "/sys/fs/cgroup/memory/memory.limit_in_bytes"], 5_000);
    expect(Buffer.from(stdout).toString().trim()).toBe(String(24 << 20));
  });
});

describe("a command in a container", () => {
  it("gives its output and exit code", async () => {
    const { id } = await start("exec", "sleep 1000");
    const result = await node.runtime.execSync(id, ["sh", "-c", "echo out; echo err >&2; exit 4"], 5_000);
    expect([result.exitCode, Buffer.from(result.stdout).toString(), Buffer.from(result.stderr).toString()]).toEqual([
      4,
      "out\n",
      "err\n",
    ]);
    await expect(node.runtime.execSync(id, ["sleep", "10"], 1_000)).rejects.toMatchObject({ code: "timeout" });
    await expect(node.runtime.execSync(id, ["/none"], 1_000)).rejects.toMatchObject({ code: "failed" });
  });
});

describe("logs", () => {
  it("are put aside when they grow, while they are written and followed", async () => {
    const script =
      "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i + 1)); [ $((i % 300)) = 0 ] && sleep 0.1; done; sleep 1000";
    const { id } = await start("chatty", script);
    const { logPath } = (await node.runtime.inspectContainer(id)) ?? { logPath: "" };
    const ended = new AbortController();
    let followed = "";
    const following = (async () => {
      const log = followContainerLog(logPath, {}, { ended: ended.signal, clock: createRealClock() }, node.signal);
      for await (const piece of log) followed += piece.toString();
    })();
    const policy = { maxBytes: 20_000, maxFiles: 3, periodMs: 1_000 };
    const parts = { runtime: node.runtime, policy, clock: createRealClock(), logger: silentLogger };
    await expect
      .poll(
        async () => {
          await rotateOnce(parts, node.signal);
          return followed.includes("line 2999\n");
        },
        { timeout: 10_000, interval: 100 },
      )
      .toBe(true);
    ended.abort();
    await following;
    const expected = Array.from({ length: 3_000 }, (_unused, index) => `line ${index}\n`).join("");
    const files = (await readdir(dirname(logPath))).filter((name) => name.startsWith("0.log"));
    expect([followed === expected, files.length]).toEqual([true, 3]);
  });
});

describe("streams", () => {
  it("are offered by the runtime's own server, on this machine alone", async () => {
    const { id, sandbox } = await start("streams", "sleep 1000");
    const streams = { containerId: id, tty: false, stdin: true, stdout: true, stderr: true };
    const urls = await Promise.all([
      node.runtime.openExec({ ...streams, command: ["ls"] }),
      node.runtime.openAttach(streams),
      node.runtime.openPortForward(sandbox.id, [80]),
    ]);
    expect(urls.map((url) => url.replace(/:\d+\/(\w+)\/.*/, " $1"))).toEqual([
      "http://127.0.0.1 exec",
      "http://127.0.0.1 attach",
      "http://127.0.0.1 portforward",
    ]);
  });
});

describe("usage", () => {
  it("is told for each container and pod", async () => {
    const { id, sandbox } = await start("busy", "while true; do :; done");
    await expect
      .poll(
        async () =>
          (await node.runtime.usage.containers()).find((item) => item.containerId === id)?.cpu?.totalNanoseconds,
      )
      .toBeGreaterThan(50_000_000n);
    const pod = (await node.runtime.usage.sandboxes()).find((item) => item.sandboxId === sandbox.id);
    expect([
      (pod?.memory?.workingSetBytes ?? 0) > 0,
      pod?.network?.name,
      pod?.processCount,
      pod?.containers.map((item) => item.containerId),
      (await node.runtime.usage.imageFilesystem())?.path,
    ]).toEqual([true, "eth0", 1, [id], join(node.folder, "containerd/root/io.containerd.snapshotter.v1.overlayfs")]);
    await node.runtime.stopContainer(id, 0);
  });
});

describe("images", () => {
  it("are found under every form of their name", async () => {
    const names = ["busybox:1.36", "docker.io/busybox:1.36", "docker.io/library/busybox:1.36", busybox];
    const found = await Promise.all(names.map((name) => node.runtime.images.find(name)));
    expect(found.map((image) => image?.id)).toEqual([busybox, busybox, busybox, busybox]);
    expect(await node.runtime.images.find("busybox:none")).toBeUndefined();
  });

  it("that do not exist fail in the registry's words", async () => {
    await expect(node.runtime.images.pull("127.0.0.1:1/nothing:here", [])).rejects.toMatchObject({
      message: expect.stringMatching(
        /^failed to pull and unpack image "127\.0\.0\.1:1\/nothing:here": .*connection refused/,
      ),
    });
  });

  it("are kept from being collected when every pod needs them", async () => {
    const images = await node.runtime.images.list();
    expect(images.filter((image) => image.pinned === true).map((image) => image.tags)).toEqual([
      ["registry.k8s.io/pause:3.10"],
    ]);
  });

  it("can be removed and had again", async () => {
    const image = await node.runtime.images.pull("registry.k8s.io/busybox:1.27.2", []);
    await node.runtime.images.remove(image.id);
    expect((await node.runtime.images.list()).map((item) => item.id)).not.toContain(image.id);
    expect((await node.runtime.images.pull("registry.k8s.io/busybox:1.27.2", [])).id).toBe(image.id);
  });
});

describe("events", () => {
  it("tell what happens to a container, in order", async () => {
    const abort = new AbortController();
    const seen: RuntimeEvent[] = [];
    const listening = (async () => {
      for await (const event of node.runtime.events(abort.signal)) seen.push(event);
    })();
    const { id, sandbox, config } = await start("events", "exit 0");
    await untilExited(id);
    await node.runtime.removeContainer(id);
    const own = (): string[] =>
      seen
        .filter((event) => event.podUid === config.uid && event.containerId !== undefined)
        .map((event) => `${event.type} ${event.containerId}`);
    await expect.poll(own).toEqual([`started ${id}`, `exited ${id}`, `deleted ${id}`]);
    expect(seen.find((event) => event.containerId === id)?.sandboxId).toBe(sandbox.id);
    abort.abort();
    await listening;
  });
});

describe("containerd", () => {
  it("keeps running without the agent, and is taken over by the next one", async () => {
    const { id } = await start("survivor", "sleep 1000");
    const abort = new AbortController();
    const again = await startContainerd(node.containerdOptions, abort.signal);
    const cgroupRoot = `/${node.name}`;
    const { sandboxImage } = node.containerdOptions;
    const parts = {
      socketPath: again.socketPath,
      cgroupRoot,
      sandboxImage,
      clock: createRealClock(),
      logger: silentLogger,
    };
    const second = createCriRuntime(parts, abort.signal);
    expect([again.adopted, (await second.listContainers()).find((item) => item.id === id)?.state]).toEqual([
      true,
      "running",
    ]);
    abort.abort();
  });

  it("may die: containers go on, and the runtime says that news may have been missed", async () => {
    const { id } = await start("orphan", "sleep 1000");
    const abort = new AbortController();
    const events = node.runtime.events(abort.signal)[Symbol.asyncIterator]();
    await node.killContainerd();
    await startContainerd(node.containerdOptions, node.signal);
    const resynced = async (): Promise<string | undefined> => {
      for (;;) {
        const { value, done } = await events.next();
        if (done === true || value.type === "resync") return value?.type;
      }
    };
    expect(await resynced()).toBe("resync");
    expect(await node.runtime.inspectContainer(id)).toMatchObject({ state: "running" });
    abort.abort();
  });
});
