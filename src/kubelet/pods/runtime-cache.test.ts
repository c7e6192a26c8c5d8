import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../base/log.ts";
import { createVirtualClock, type VirtualClock } from "../../base/virtual-clock.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { createFakeRuntime, type FakeRuntime } from "../../testing/fake-runtime.ts";
import type { ContainerConfig, ContainerState, Runtime } from "../runtime.ts";
import { containerAnnotations, containerLabels, sandboxLabels } from "../runtime-labels.ts";
import { createRuntimeCache, type RuntimeCache } from "./runtime-cache.ts";

const pod = buildPod({
  spec: { containers: [{ name: "web", image: "web:1", terminationMessagePolicy: "FallbackToLogsOnError" }] },
});
const [web] = pod.spec.containers;
let clock: VirtualClock;
let runtime: FakeRuntime;
let cache: RuntimeCache;
let stop: AbortController;
let changed: string[];
let files: Map<string, string>;

beforeEach(() => {
  clock = createVirtualClock();
  runtime = createFakeRuntime({ clock, script: () => ({ log: "one\ntwo\n" }) });
  runtime.images.put("web:1");
  stop = new AbortController();
  changed = [];
  files = new Map();
  cache = createCache(runtime);
});
afterEach(() => stop.abort());

function createCache(source: Runtime): RuntimeCache {
  return createRuntimeCache({
    runtime: source,
    volumes: { readPodFile: async (uid, name) => files.get(`${uid}/${name}`) ?? "" },
    logger: silentLogger,
    onChange: (uid) => changed.push(uid),
  });
}

async function startContainer(messageFile = ""): Promise<string> {
  const sandbox = await runtime.runSandbox({
    name: "web",
    uid: "uid-1",
    labels: sandboxLabels(pod),
    namespaces: {},
  } as never);
  const id = await runtime.createContainer(sandbox.id, {
    name: "web",
    image: "web:1",
    imageId: "web:1",
    attempt: 0,
    sandbox: { uid: "uid-1" },
    labels: containerLabels(pod, { name: "web" }),
    annotations: containerAnnotations(pod, web as never, 0, messageFile),
  } as unknown as ContainerConfig);
  await runtime.startContainer(id);
  return id;
}

const observed = () => cache.observe("uid-1");
const state = () => observed().containers[0]?.state;

describe("the runtime cache", () => {
  it("lists what there is, tells whom it belongs to, and tells no more until it changes", async () => {
    await startContainer();
    await cache.relist(stop.signal);
    expect(changed).toEqual(["uid-1"]);
    expect([state(), observed().sandboxes[0]?.ready]).toEqual(["running", true]);
    await cache.relist(stop.signal);
    expect(changed).toEqual(["uid-1"]);
    expect(observed()).toBe(observed());
  });

  it("follows events, and tells of a sandbox that died with its container in one go", async () => {
    const following = cache.follow(stop.signal);
    const id = await startContainer();
    await clock.advance(0);
    expect(state()).toBe("running");
    changed = [];
    runtime.killSandbox(runtime.container("web").sandboxId);
    await clock.advance(0);
    expect([state(), observed().sandboxes[0]?.ready]).toEqual(["exited", false]);
    expect(changed.length).toBeGreaterThan(0);
    changed = [];
    await runtime.removeContainer(id);
    await clock.advance(0);
    expect(observed().containers).toEqual([]);
    stop.abort();
    await following;
  });

  it("does not tell of what its owner knows already", async () => {
    const id = await startContainer();
    const looks: string[] = [];
    cache = createCache({
      ...runtime,
      inspectContainer(asked) {
        looks.push(asked);
        return runtime.inspectContainer(asked);
      },
      async *events() {
        yield { type: "started", containerId: id, podUid: "uid-1" };
        yield { type: "exited", containerId: id, podUid: "uid-1" };
        yield { type: "exited", containerId: id, podUid: "uid-1" };
      },
    });
    await cache.refreshContainer(id);
    runtime.exit("web", 0);
    await cache.follow(stop.signal);
    expect(looks).toEqual([id, id]);
    expect(changed).toEqual(["uid-1"]);
  });

  it("lists everything anew after a gap", async () => {
    const following = cache.follow(stop.signal);
    runtime.setEventsLost(true);
    await startContainer();
    await clock.advance(0);
    expect(state()).toBeUndefined();
    runtime.setEventsLost(false);
    await clock.advance(0);
    expect(state()).toBe("running");
    stop.abort();
    await following;
  });

  it("forgets what is gone from the lists", async () => {
    const id = await startContainer();
    await cache.relist(stop.signal);
    runtime.setEventsLost(true);
    await runtime.removeContainer(id);
    await runtime.stopSandbox("sandbox-1");
    await runtime.removeSandbox("sandbox-1");
    await cache.relist(stop.signal);
    expect(cache.podUids()).toEqual([]);
  });

  it("never lets a container go back, whatever late answers say", async () => {
    let answer: Partial<ContainerState> = {};
    const late: Runtime = {
      ...runtime,
      inspectContainer: async (id) => {
        const found = await runtime.inspectContainer(id);
        return found === undefined ? undefined : { ...found, ...answer };
      },
    };
    cache = createCache(late);
    const id = await startContainer();
    await cache.refreshContainer(id);
    answer = { state: "created" };
    await cache.refreshContainer(id);
    expect(state()).toBe("running");
    answer = { state: "exited", exitCode: 3 };
    await cache.refreshContainer(id);
    answer = {};
    await cache.refreshContainer(id);
    expect(observed().containers[0]).toMatchObject({ state: "exited", exitCode: 3 });
  });

  it.each([
    { name: "its file", file: "why", text: "disk full", exitCode: 1, message: "disk full" },
    { name: "its log, when it failed without a word", file: "why", text: "", exitCode: 1, message: "one\ntwo\n" },
    { name: "nothing, when it succeeded without a word", file: "why", text: "", exitCode: 0, message: "" },
    { name: "its log, without a file", file: "", text: "", exitCode: 1, message: "one\ntwo\n" },
  ])("takes a container's last words from $name", async ({ file, text, exitCode, message }) => {
    files.set("uid-1/why", text);
    const id = await startContainer(file);
    runtime.exit("web", exitCode);
    await cache.refreshContainer(id);
    expect(observed().containers[0]?.message).toBe(message);
    files.set("uid-1/why", "changed afterwards");
    await cache.refreshContainer(id);
    expect(observed().containers[0]?.message).toBe(message);
  });
});
