import { Buffer } from "node:buffer";
import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../api/draft.ts";
import { pods, secrets } from "../api/resources.ts";
import type { Container, Pod } from "../api/types/core-v1.ts";
import { type KubeletHarness, type KubeletHarnessOptions, startKubeletHarness } from "../testing/kubelet-harness.ts";
import { RuntimeError } from "./runtime.ts";

let harness: KubeletHarness;
afterEach(() => harness.stop());

async function start(options?: KubeletHarnessOptions): Promise<KubeletHarness> {
  harness = await startKubeletHarness(options);
  return harness;
}

const podWith = (container: Partial<Input<Container>>, spec: Partial<Input<Pod["spec"]>> = {}) => ({
  spec: { containers: [{ name: "web", image: "web:1", ...container }], ...spec },
});
const waiting = async (node: KubeletHarness) =>
  (await node.pod()).status.containerStatuses?.[0]?.state.waiting ?? "not waiting";

describe("an image that is not on the node", () => {
  it("is pulled, and the times are told", async () => {
    const node = await start();
    node.runtime.images.publish("docker.io/library/big:2", { takesMs: 1_234.5678, sizeBytes: 70_000_000 });
    await node.createPod(podWith({ image: "docker.io/library/big:2" }));
    await node.run(3_000);
    expect((await node.pod()).status.phase).toBe("Running");
    expect(await node.eventsOf()).toEqual([
      'Normal Pulling: Pulling image "docker.io/library/big:2"',
      'Normal Pulled: Successfully pulled image "docker.io/library/big:2" in 1.234s (1.234s including waiting). Image size: 70000000 bytes.',
      "Normal Created: Container created",
      "Normal Started: Container started",
    ]);
  });

  it("gets the tag that is implied", async () => {
    const node = await start();
    node.runtime.images.publish("big:latest");
    await node.createPod(podWith({ image: "big", imagePullPolicy: "IfNotPresent" }));
    await node.run(1_000);
    expect(node.runtime.images.pulls.map(({ reference }) => reference)).toEqual(["big:latest"]);
    expect((await node.pod()).status.phase).toBe("Running");
  });

  it("waits for the one before it", async () => {
    const node = await start();
    node.runtime.images.publish("one:1", { takesMs: 2_000 });
    node.runtime.images.publish("two:1", { takesMs: 1_000 });
    await node.createPod({ metadata: { name: "one" }, ...podWith({ image: "one:1" }) });
    await node.createPod({ metadata: { name: "two" }, ...podWith({ image: "two:1" }) });
    await node.run(5_000);
    const texts = await Promise.all(["one", "two"].map((name) => node.eventsOf(name)));
    expect(texts.flat().filter((text) => text.includes("Successfully"))).toEqual([
      'Normal Pulled: Successfully pulled image "one:1" in 2s (2s including waiting). Image size: 1000000 bytes.',
      'Normal Pulled: Successfully pulled image "two:1" in 1s (3s including waiting). Image size: 1000000 bytes.',
    ]);
  });

  it("is pulled beside others when the node is set up so", async () => {
    const node = await start({ settings: { pullsSerially: false } });
    node.runtime.images.publish("one:1", { takesMs: 2_000 });
    node.runtime.images.publish("two:1", { takesMs: 1_000 });
    await node.createPod({ metadata: { name: "one" }, ...podWith({ image: "one:1" }) });
    await node.createPod({ metadata: { name: "two" }, ...podWith({ image: "two:1" }) });
    await node.run(5_000);
    expect(await node.eventsOf("two")).toContain(
      'Normal Pulled: Successfully pulled image "two:1" in 1s (1s including waiting). Image size: 1000000 bytes.',
    );
  });

  it("that does not exist is tried again after 10 s, 20 s and so on", async () => {
    const node = await start();
    await node.createPod(podWith({ image: "nowhere:1" }));
    await node.run(1_000);
    const fault = 'rpc error: code = NotFound desc = failed to pull and unpack image "nowhere:1": not found';
    expect(await waiting(node)).toEqual({ reason: "ErrImagePull", message: fault });
    expect(await node.eventsOf()).toEqual([
      'Normal Pulling: Pulling image "nowhere:1"',
      `Warning Failed: Failed to pull image "nowhere:1": ${fault}`,
      "Warning Failed: Error: ErrImagePull",
    ]);
    await node.run(3_000);
    expect(await waiting(node)).toEqual({
      reason: "ImagePullBackOff",
      message: `Back-off pulling image "nowhere:1": ErrImagePull: ${fault}`,
    });
    expect((await node.eventsOf()).slice(3)).toEqual([
      'Normal BackOff: Back-off pulling image "nowhere:1"',
      "Warning Failed: Error: ImagePullBackOff",
    ]);
    await node.run(6_100);
    expect(node.runtime.images.pulls).toHaveLength(2);
    await node.run(20_000);
    expect(node.runtime.images.pulls).toHaveLength(3);
    node.runtime.images.publish("nowhere:1");
    await node.run(39_500);
    expect(node.runtime.images.pulls).toHaveLength(3);
    await node.run(1_500);
    expect((await node.pod()).status.phase).toBe("Running");
    expect(node.log).toEqual([]);
  });

  it("is left alone when the policy is Never", async () => {
    const node = await start();
    node.runtime.images.publish("there:1");
    await node.createPod(podWith({ image: "there:1", imagePullPolicy: "Never" }));
    await node.run(1_000);
    const message = 'Container image "there:1" is not present with pull policy of Never';
    expect(await waiting(node)).toEqual({ reason: "ErrImageNeverPull", message });
    expect(await node.eventsOf()).toEqual([
      `Warning ErrImageNeverPull: ${message}`,
      "Warning Failed: Error: ErrImageNeverPull",
    ]);
    expect(node.runtime.images.pulls).toEqual([]);
  });

  it("whose name makes no sense is not asked for", async () => {
    const node = await start();
    await node.createPod(podWith({ image: "Web:1" }));
    await node.run(1_000);
    expect(await waiting(node)).toEqual({
      reason: "InvalidImageName",
      message:
        'Failed to apply default image tag "Web:1": couldn\'t parse image name "Web:1": invalid reference format: repository name (library/Web) must be lowercase',
    });
  });

  it("of a registry that cannot be reached says so in its own way", async () => {
    const node = await start();
    node.runtime.images.publish("far:1", { fails: () => new RuntimeError("failed", "RegistryUnavailable: no route") });
    await node.createPod(podWith({ image: "far:1" }));
    await node.run(1_000);
    expect(await waiting(node)).toEqual({
      reason: "RegistryUnavailable",
      message: "image pull failed for far:1 because the registry is unavailable: no route",
    });
  });
});

describe("an image that is on the node", () => {
  it("is pulled all the same when the policy is Always", async () => {
    const node = await start();
    node.runtime.images.publish("web:1");
    await node.createPod(podWith({ imagePullPolicy: "Always" }));
    await node.run(1_000);
    expect(node.runtime.images.pulls).toHaveLength(1);
  });

  it("and belongs to others is not handed out to a pod without their secret", async () => {
    const node = await start();
    node.runtime.images.publish("example.com/app:1", { login: "jane" });
    await node.client.create(secrets, loginSecret("example.com", "jane", "pass"));
    const image = "example.com/app:1";
    await node.createPod(podWith({ image }, { imagePullSecrets: [{ name: "login" }] }));
    await node.run(1_000);
    expect((await node.pod()).status.phase).toBe("Running");
    await node.createPod({ metadata: { name: "other" }, ...podWith({ image }) });
    await node.run(1_000);
    expect((await node.pod("other")).status.containerStatuses?.[0]?.state.waiting?.reason).toBe("ErrImagePull");
  });
});

const loginSecret = (server: string, username: string, password: string) => ({
  metadata: { name: "login", namespace: "default" },
  type: "kubernetes.io/dockerconfigjson",
  data: {
    ".dockerconfigjson": base64(JSON.stringify({ auths: { [server]: { auth: base64(`${username}:${password}`) } } })),
  },
});
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("pull secrets", () => {
  it("open private registries", async () => {
    const node = await start();
    await node.client.create(secrets, loginSecret("example.com", "jane", "pa:ss"));
    node.runtime.images.publish("example.com/team/app:1", { login: "jane" });
    await node.createPod(podWith({ image: "example.com/team/app:1" }, { imagePullSecrets: [{ name: "login" }] }));
    await node.run(1_000);
    expect(node.runtime.images.pulls[0]?.credentials).toMatchObject([
      { username: "jane", password: "pa:ss", serverAddress: "example.com" },
    ]);
    expect((await node.pod()).status.phase).toBe("Running");
  });

  it("that do not exist are reported", async () => {
    const node = await start();
    await node.createPod(podWith({}, { imagePullSecrets: [{}, { name: "login" }] }));
    await node.run(1_000);
    expect((await node.eventsOf())[0]).toBe(
      "Warning FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (login); attempting to pull the image may not succeed.",
    );
    expect((await node.pod()).status.phase).toBe("Running");
  });
});

describe("an image that changes in a pod's spec", () => {
  it("restarts the container", async () => {
    const node = await start();
    await node.createPod();
    await node.run(60_000);
    const patch = { spec: { containers: [{ name: "web", image: "web:2" }] } };
    await node.client.patch(pods, { namespace: "default", name: "web" }, "strategic", patch);
    await node.run(1_000);
    const { status } = await node.pod();
    expect(status.containerStatuses?.[0]).toMatchObject({ image: "web:2", restartCount: 1, ready: true });
    expect(status.observedGeneration).toBe(2);
    expect(await node.eventsOf()).toContain("Normal Killing: Container web definition changed, will be restarted");
  });
});

describe("images that nobody uses", () => {
  it("are removed when the disk fills up, those longest unused first", async () => {
    const gibibyte = 1024 ** 3;
    const node = await start({ images: [] });
    for (const name of ["web:1", "old:1", "older:1"]) node.runtime.images.put(name, { sizeBytes: 4 * gibibyte });
    await node.createPod();
    await node.run(300_000);
    node.facts.setPressure({ diskAvailableBytes: 15 * gibibyte });
    await node.run(300_000);
    const left = async () => (await node.runtime.images.list()).flatMap(({ tags }) => tags);
    expect(await left()).toEqual(["web:1"]);
    expect(await node.eventsOf("node-1")).not.toContainEqual(expect.stringContaining("FreeDiskSpaceFailed"));
    node.facts.setPressure({ diskAvailableBytes: 10 * gibibyte });
    await node.run(300_000);
    expect(await left()).toEqual(["web:1"]);
    expect(await node.eventsOf("node-1")).toContainEqual(
      expect.stringContaining(
        "Warning FreeDiskSpaceFailed: Failed to garbage collect required amount of images. Attempted to free 10737418240 bytes, but only found 0 bytes eligible to free.",
      ),
    );
  });
});
