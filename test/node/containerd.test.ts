import { mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/base/log.ts";
import { createRealClock } from "../../src/base/real-clock.ts";
import {
  type ContainerdOptions,
  startContainerd,
  stopContainerd,
  superviseContainerd,
} from "../../src/machine/containerd-process.ts";
import { assertUnchanged, type MachineSnapshot, takeSnapshot } from "./support/machine-snapshot.ts";

const clock = createRealClock();
const { signal } = new AbortController();
let before: MachineSnapshot;
let folder: string;

beforeAll(async () => {
  before = await takeSnapshot();
});
afterAll(() => assertUnchanged(before));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "k8ts-containerd-"));
});
afterEach(async () => {
  await stopContainerd(join(folder, "c"), { clock }, signal);
  await rm(folder, { recursive: true, force: true });
});

const optionsWith = (changes: Partial<ContainerdOptions> = {}): ContainerdOptions => ({
  folder: join(folder, "c"),
  sandboxImage: "registry.k8s.io/pause:3.10",
  snapshotter: "overlayfs",
  restrictOomScoreAdj: true,
  cniConfigFolder: join(folder, "cni"),
  registryFolder: join(folder, "registries"),
  clock,
  logger: silentLogger,
  ...changes,
});

describe("containerd", () => {
  it("starts in well under a second, and is found again", async () => {
    const fromMs = clock.monotonicMs();
    const first = await startContainerd(optionsWith(), signal);
    const tookMs = clock.monotonicMs() - fromMs;
    const second = await startContainerd(optionsWith(), signal);
    expect([first.adopted, second.adopted, second.pid === first.pid, tookMs < 1_000]).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it("is replaced when its settings change", async () => {
    const first = await startContainerd(optionsWith(), signal);
    const second = await startContainerd(optionsWith({ sandboxImage: "registry.k8s.io/pause:3.9" }), signal);
    expect([second.adopted, second.pid === first.pid]).toEqual([false, false]);
  });

  it("is started again when it dies", async () => {
    const abort = new AbortController();
    const { pid } = await startContainerd(optionsWith(), signal);
    const restarted = Promise.withResolvers<void>();
    const supervision = superviseContainerd(optionsWith(), abort.signal, restarted.resolve);
    process.kill(pid, "SIGKILL");
    await restarted.promise;
    abort.abort();
    await supervision;
    const again = await startContainerd(optionsWith(), signal);
    expect([again.adopted, again.pid === pid]).toEqual([true, false]);
  });

  it("works with a snapshotter that needs nothing of the kernel", async () => {
    expect((await startContainerd(optionsWith({ snapshotter: "native" }), signal)).adopted).toBe(false);
  });

  it("is stopped twice without complaint, and leaves no pid, socket or state", async () => {
    await startContainerd(optionsWith(), signal);
    await stopContainerd(join(folder, "c"), { clock }, signal);
    await stopContainerd(join(folder, "c"), { clock }, signal);
    for (const name of ["containerd.pid", "containerd.sock", "state"])
      await expect(readFile(join(folder, "c", name))).rejects.toThrow("ENOENT");
  });

  it("is not started where its socket's path would be too long", async () => {
    const long = join(folder, "x".repeat(100));
    await expect(startContainerd(optionsWith({ folder: long }), signal)).rejects.toThrow(
      "the data folder's path is too long",
    );
  });

  it("is not started without the plugins for the network of pods", async () => {
    await mkdir(join(folder, "plugins"));
    await symlink("/usr/lib/cni/bridge", join(folder, "plugins/bridge"));
    const missing = ["loopback", "host-local"].map((name) => join(folder, "plugins", name));
    await expect(startContainerd(optionsWith({ cniProgramFolder: join(folder, "plugins") }), signal)).rejects.toThrow(
      `these programs are missing: ${missing.join(", ")}`,
    );
  });

  it("says why when it ends at once", async () => {
    await expect(startContainerd(optionsWith({ networkNamespace: "/run/netns/k8ts-none" }), signal)).rejects.toThrow(
      /containerd ended at once: .*k8ts-none/,
    );
  });
});
