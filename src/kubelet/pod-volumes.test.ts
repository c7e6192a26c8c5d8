import { Buffer } from "node:buffer";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Input } from "../api/draft.ts";
import { configMaps, pods, secrets, serviceAccounts } from "../api/resources.ts";
import type { Container, Pod, Volume } from "../api/types/core-v1.ts";
import { type KubeletHarness, type KubeletHarnessOptions, startKubeletHarness } from "../testing/kubelet-harness.ts";

let harness: KubeletHarness;
afterEach(() => harness.stop());

async function start(options?: KubeletHarnessOptions): Promise<KubeletHarness> {
  harness = await startKubeletHarness(options);
  return harness;
}

const key = { namespace: "default", name: "web" };
const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A pod that mounts one volume. */
const podWith = (
  volume: Omit<Input<Volume>, "name">,
  container: Partial<Input<Container>> = {},
  spec: Partial<Input<Pod["spec"]>> = {},
) => ({
  spec: {
    containers: [{ name: "web", image: "web:1", volumeMounts: [{ name: "data", mountPath: "/data" }], ...container }],
    volumes: [{ name: "data", ...volume }],
    ...spec,
  },
});

/** What stands in the volume `data` of the pod `web`. */
async function volume(node: KubeletHarness) {
  return node.volumes.mounted.get(`${(await node.pod()).metadata.uid}/data`);
}

async function files(node: KubeletHarness): Promise<Readonly<Record<string, string>>> {
  const found = await volume(node);
  return found?.kind === "files" ? found.files : {};
}

const putConfigMap = (node: KubeletHarness, data: Record<string, string>) =>
  node.client.create(configMaps, { metadata: { name: "settings", namespace: "default" }, data });

describe("a volume of a ConfigMap", () => {
  it("holds a file for each key, with the mode that is asked for", async () => {
    const node = await start();
    await putConfigMap(node, { one: "1", two: "2" });
    await node.createPod(podWith({ configMap: { name: "settings", defaultMode: 0o400 } }));
    await node.run(0);
    expect(await volume(node)).toMatchObject({
      kind: "files",
      options: {
        medium: "disk",
        files: [
          { path: "one", mode: 0o400 },
          { path: "two", mode: 0o400 },
        ],
      },
      files: { one: "1", two: "2" },
    });
    expect((await node.pod()).status.phase).toBe("Running");
    const { mounts } = node.runtime.configOf(node.runtime.container("web").id);
    const { uid } = (await node.pod()).metadata;
    expect(mounts.find(({ containerPath }) => containerPath === "/data")).toEqual({
      hostPath: `/pods/${uid}/volumes/data`,
      containerPath: "/data",
      readOnly: true,
      propagation: "private",
    });
  });

  it("that does not exist keeps its pod from starting until it does", async () => {
    const node = await start();
    await node.createPod(podWith({ configMap: { name: "settings" } }));
    await node.run(100);
    expect(await node.eventsOf()).toEqual([
      'Warning FailedMount: MountVolume.SetUp failed for volume "data" : configmap "settings" not found',
    ]);
    await node.run(2_000);
    expect((await node.pod()).status.containerStatuses?.[0]?.state.waiting?.reason).toBe("ContainerCreating");
    expect(node.runtime.calls).toEqual([]);
    await node.run(60_000);
    await putConfigMap(node, { one: "1" });
    await node.run(100);
    expect((await node.pod()).status.phase).toBe("Running");
    expect(node.log).toEqual([]);
  });

  it("follows it, and leaves the container alone", async () => {
    const node = await start();
    await putConfigMap(node, { one: "1" });
    await node.createPod(podWith({ configMap: { name: "settings" } }));
    await node.run(60_000);
    await node.client.patch(configMaps, { namespace: "default", name: "settings" }, "merge", { data: { one: "uno" } });
    await node.run(0);
    expect(await files(node)).toEqual({ one: "uno" });
    expect(node.volumes.writes).toEqual(["data", "data"]);
    expect((await node.pod()).status.containerStatuses?.[0]?.restartCount).toBe(0);
    await node.client.delete(configMaps, { namespace: "default", name: "settings" });
    await node.run(10_000);
    expect(await files(node)).toEqual({ one: "uno" });
    expect(await node.eventsOf()).toContainEqual(
      expect.stringContaining(
        'FailedMount: MountVolume.SetUp failed for volume "data" : configmap "settings" not found',
      ),
    );
    expect((await node.pod()).status.phase).toBe("Running");
  });

  it("that is optional may be missing, and appears when it is made", async () => {
    const node = await start();
    await node.createPod(podWith({ configMap: { name: "settings", optional: true } }));
    await node.run(0);
    expect((await node.pod()).status.phase).toBe("Running");
    expect(await files(node)).toEqual({});
    await putConfigMap(node, { one: "1" });
    await node.run(0);
    expect(await files(node)).toEqual({ one: "1" });
  });

  it("is not followed when it cannot change, nor when nobody uses it any more", async () => {
    const node = await start();
    await node.client.create(configMaps, {
      metadata: { name: "settings", namespace: "default" },
      data: { one: "1" },
      immutable: true,
    });
    await node.createPod(podWith({ configMap: { name: "settings" } }));
    await node.run(0);
    expect(await files(node)).toEqual({ one: "1" });
    await node.client.delete(pods, key, { gracePeriodSeconds: 1 });
    await node.run(3_000);
    await node.client.delete(configMaps, { namespace: "default", name: "settings" });
    await putConfigMap(node, { two: "2" });
    await node.createPod(podWith({ configMap: { name: "settings" } }));
    await node.run(0);
    expect(await files(node)).toEqual({ two: "2" });
  });

  it("of which a key is missing says so", async () => {
    const node = await start();
    await putConfigMap(node, { one: "1" });
    await node.createPod(podWith({ configMap: { name: "settings", items: [{ key: "no", path: "no" }] } }));
    await node.run(0);
    expect(await node.eventsOf()).toEqual([
      'Warning FailedMount: MountVolume.SetUp failed for volume "data" : configmap references non-existent config key: no',
    ]);
  });
});

describe("a volume of a Secret", () => {
  it("is kept in memory", async () => {
    const node = await start();
    await node.client.create(secrets, {
      metadata: { name: "keys", namespace: "default" },
      data: { password: base64("s3cret") },
    });
    const spec = { securityContext: { fsGroup: 2000 } };
    const item = { key: "password", path: "deep/pass", mode: 0o440 };
    await node.createPod(podWith({ secret: { secretName: "keys", items: [item] } }, {}, spec));
    await node.run(0);
    expect(await volume(node)).toMatchObject({
      options: { medium: "memory", fsGroup: 2000, files: [{ path: "deep/pass", mode: 0o440 }] },
      files: { "deep/pass": "s3cret" },
    });
  });

  it("that does not exist is named", async () => {
    const node = await start();
    await node.createPod(podWith({ secret: { secretName: "keys" } }));
    await node.run(0);
    expect(await node.eventsOf()).toEqual([
      'Warning FailedMount: MountVolume.SetUp failed for volume "data" : secret "keys" not found',
    ]);
  });
});

describe("a volume of the pod's own fields", () => {
  it("follows the pod's labels", async () => {
    const node = await start();
    await node.createPod({
      metadata: { labels: { app: "web" } },
      ...podWith({
        downwardAPI: {
          items: [
            { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
            { path: "limit", resourceFieldRef: { containerName: "web", resource: "limits.cpu", divisor: "1m" } },
          ],
        },
      }),
    });
    await node.run(0);
    expect(await files(node)).toEqual({ labels: 'app="web"', limit: "4000" });
    await node.client.patch(pods, key, "merge", { metadata: { labels: { tier: "front" } } });
    await node.run(0);
    expect(await files(node)).toEqual({ labels: 'app="web"\ntier="front"', limit: "4000" });
  });
});

describe("a projected volume", () => {
  const token = { path: "token", expirationSeconds: 3600, audience: "vault" };

  it("gathers several sources, and renews its token at four fifths of its life", async () => {
    const node = await start({ isSecure: true });
    await node.client.create(serviceAccounts, { metadata: { name: "robot", namespace: "default" } });
    await putConfigMap(node, { "ca.crt": "PEM" });
    await node.createPod(
      podWith(
        {
          projected: {
            sources: [
              { serviceAccountToken: token },
              { configMap: { name: "settings", items: [{ key: "ca.crt", path: "ca.crt" }] } },
              { downwardAPI: { items: [{ path: "namespace", fieldRef: { fieldPath: "metadata.namespace" } }] } },
            ],
          },
        },
        { securityContext: { runAsUser: 1000 } },
        { serviceAccountName: "robot", automountServiceAccountToken: false },
      ),
    );
    // Signing takes real time.
    await vi.waitFor(async () => expect(await files(node)).not.toEqual({}), { interval: 1 });
    await node.run(100);
    const first = await files(node);
    expect(first).toEqual({ token: expect.stringMatching(/^ey.*\..*\./), "ca.crt": "PEM", namespace: "default" });
    expect(await volume(node)).toMatchObject({
      options: {
        files: [
          { path: "token", mode: 0o600, uid: 1000 },
          { path: "ca.crt", mode: 0o644 },
          { path: "namespace", mode: 0o644 },
        ],
      },
    });
    const claims = JSON.parse(Buffer.from(first["token"]?.split(".")[1] ?? "", "base64url").toString());
    expect(claims).toMatchObject({
      aud: ["vault"],
      sub: "system:serviceaccount:default:robot",
      "kubernetes.io": { pod: { name: "web" }, node: { name: "node-1" } },
    });
    await node.run(2_860_000);
    expect(await files(node)).toEqual(first);
    await node.run(30_000);
    await vi.waitFor(async () => expect((await files(node))["token"]).not.toBe(first["token"]), { interval: 1 });
    expect(node.log).toEqual([]);
  });

  it("tells everything that is missing at once", async () => {
    const node = await start();
    await node.createPod(
      podWith({ projected: { sources: [{ configMap: { name: "one" } }, { secret: { name: "two" } }] } }),
    );
    await node.run(0);
    expect(await node.eventsOf()).toEqual([
      'Warning FailedMount: MountVolume.SetUp failed for volume "data" : [configmap "one" not found, secret "two" not found]',
    ]);
  });
});

describe("a path of the node", () => {
  it("is mounted when it is what it should be", async () => {
    const node = await start();
    await node.createPod(podWith({ hostPath: { path: "/srv", type: "Directory" } }));
    await node.run(0);
    const { mounts } = node.runtime.configOf(node.runtime.container("web").id);
    expect(mounts[0]).toMatchObject({ hostPath: "/srv", containerPath: "/data" });
  });

  it("that is not is reported", async () => {
    const node = await start();
    node.volumes.refused.set("/srv", "hostPath type check failed: /srv is not a directory");
    await node.createPod(podWith({ hostPath: { path: "/srv", type: "Directory" } }));
    await node.run(0);
    expect(await node.eventsOf()).toEqual([
      'Warning FailedMount: MountVolume.SetUp failed for volume "data" : hostPath type check failed: /srv is not a directory',
    ]);
    node.volumes.refused.clear();
    await node.run(500);
    expect((await node.pod()).status.phase).toBe("Running");
  });
});

describe("a volume of a kind that this node does not know", () => {
  it("is reported, and the pod waits", async () => {
    const node = await start();
    await node.createPod(podWith({ nfs: { server: "192.0.2.7", path: "/" } }));
    await node.run(2_000);
    expect((await node.eventsOf())[0]).toContain(
      'FailedMount: MountVolume.SetUp failed for volume "data" : volume type nfs is not supported by this node',
    );
    expect((await node.pod()).status.containerStatuses?.[0]?.state.waiting?.reason).toBe("ContainerCreating");
  });
});

describe("mounts of parts of a volume", () => {
  it("expand the container's environment and do not say what the node refuses", async () => {
    const node = await start();
    await node.createPod(
      podWith(
        { emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
        {
          env: [{ name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
          volumeMounts: [{ name: "data", mountPath: "/data", subPathExpr: "of/$(POD)", readOnly: true }],
        },
      ),
    );
    await node.run(0);
    const { uid } = (await node.pod()).metadata;
    const { mounts } = node.runtime.configOf(node.runtime.container("web").id);
    expect(mounts[0]).toMatchObject({ hostPath: `/pods/${uid}/volumes/data/of/web`, readOnly: true });
    expect(await volume(node)).toEqual({
      kind: "emptyDir",
      options: { medium: "memory", sizeLimitBytes: 64 * 1024 * 1024 },
    });
  });

  it("that are refused are a fault of the container's configuration", async () => {
    const node = await start();
    node.volumes.refused.set("up", "/pods/x leaves the volume");
    const volumeMounts = [{ name: "data", mountPath: "/data", subPath: "up" }];
    await node.createPod(podWith({ emptyDir: {} }, { volumeMounts }));
    await node.run(0);
    const message = 'failed to prepare subPath for volumeMount "data" of container "web"';
    expect((await node.pod()).status.containerStatuses?.[0]?.state.waiting).toEqual({
      reason: "CreateContainerConfigError",
      message,
    });
    expect(await node.eventsOf()).toContain(`Warning Failed: Error: ${message}`);
  });
});
