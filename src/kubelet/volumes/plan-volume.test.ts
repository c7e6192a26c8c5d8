import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { configMaps, secrets } from "../../api/resources.ts";
import type { Pod, Volume } from "../../api/types/core-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { planVolume } from "./plan-volume.ts";
import { podReferences } from "./pod-references.ts";
import type { FileSources } from "./volume-files.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const sources: FileSources = {
  configMap: (name) =>
    name === "settings"
      ? buildObject(configMaps, { data: { one: "1", two: "2" }, binaryData: { bin: base64("\u0001") } })
      : undefined,
  secret: (name) => (name === "keys" ? buildObject(secrets, { data: { key: base64("s3cret") } }) : undefined),
  token: ({ path }) => `token of ${path}`,
  nodeAllocatable: { cpu: "4" },
};

function plan(volume: Omit<Input<Volume>, "name">, spec: Partial<Input<Pod["spec"]>> = {}): object {
  const pod = buildPod({
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "web", image: "web:1" }], volumes: [{ name: "data", ...volume }], ...spec },
  });
  const planned = planVolume(pod, pod.spec.volumes?.[0] as Volume, sources);
  if (planned.kind !== "files") return planned;
  const decoder = new TextDecoder("utf-8");
  const files = planned.options.files.map(({ content, ...rest }) => ({ ...rest, text: decoder.decode(content) }));
  return { ...planned.options, plugin: planned.plugin, files };
}

const limits = { limits: { memory: "32Mi" } };

describe("planVolume", () => {
  it.each<{ name: string; volume: Omit<Input<Volume>, "name">; spec?: Partial<Input<Pod["spec"]>>; planned: object }>([
    {
      name: "an empty folder on disk",
      volume: { emptyDir: {} },
      spec: { securityContext: { fsGroup: 7 } },
      planned: { kind: "emptyDir", plugin: "kubernetes.io/empty-dir", options: { medium: "disk", fsGroup: 7 } },
    },
    {
      name: "an empty folder in memory, bounded by the pod's own bound",
      volume: { emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
      spec: { containers: [{ name: "web", image: "web:1", resources: limits }] },
      planned: { options: { medium: "memory", sizeLimitBytes: 32 * 1024 ** 2 } },
    },
    {
      name: "a path of the node",
      volume: { hostPath: { path: "/srv", type: "DirectoryOrCreate" } },
      planned: { kind: "hostPath", path: "/srv", type: "DirectoryOrCreate" },
    },
    {
      name: "a ConfigMap with all its keys",
      volume: { configMap: { name: "settings" } },
      planned: {
        plugin: "kubernetes.io/configmap",
        medium: "disk",
        files: [
          { path: "one", mode: 0o644, text: "1" },
          { path: "two", mode: 0o644, text: "2" },
          { path: "bin", mode: 0o644, text: "\u0001" },
        ],
      },
    },
    {
      name: "some keys under names and modes of their own",
      volume: {
        configMap: {
          name: "settings",
          defaultMode: 0o400,
          items: [
            { key: "one", path: "a/b" },
            { key: "bin", path: "bin", mode: 0o755 },
          ],
        },
      },
      planned: {
        files: [
          { path: "a/b", mode: 0o400, text: "1" },
          { path: "bin", mode: 0o755, text: "\u0001" },
        ],
      },
    },
    {
      name: "an optional key that is missing",
      volume: { secret: { secretName: "keys", optional: true, items: [{ key: "none", path: "x" }] } },
      planned: { plugin: "kubernetes.io/secret", medium: "memory", files: [] },
    },
    {
      name: "an optional Secret that is missing",
      volume: { secret: { secretName: "none", optional: true } },
      planned: { files: [] },
    },
    {
      name: "the pod's own fields",
      volume: {
        downwardAPI: { items: [{ path: "./labels", fieldRef: { fieldPath: "metadata.labels" }, mode: 0o400 }] },
      },
      planned: {
        plugin: "kubernetes.io/downward-api",
        files: [{ path: "labels", mode: 0o400, text: 'app="web"' }],
      },
    },
    {
      name: "several sources: the later wins",
      volume: {
        projected: {
          sources: [
            { configMap: { name: "settings", items: [{ key: "one", path: "same" }] } },
            { secret: { name: "keys", items: [{ key: "key", path: "same" }] } },
          ],
        },
      },
      planned: {
        plugin: "kubernetes.io/projected",
        medium: "memory",
        files: [{ path: "same", mode: 0o644, text: "s3cret" }],
      },
    },
    {
      name: "a token for everybody",
      volume: { projected: { defaultMode: 0o444, sources: [{ serviceAccountToken: { path: "token" } }] } },
      planned: { files: [{ path: "token", mode: 0o444, text: "token of token" }] },
    },
    {
      name: "a token for the group of the pod's volumes",
      volume: { projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
      spec: { securityContext: { fsGroup: 7 } },
      planned: { files: [{ path: "token", mode: 0o600, text: "token of token" }], fsGroup: 7 },
    },
    {
      name: "a token for the one user of all containers",
      volume: { projected: { sources: [{ serviceAccountToken: { path: "token" } }] } },
      spec: { securityContext: { runAsUser: 5 } },
      planned: { files: [{ path: "token", mode: 0o600, uid: 5, text: "token of token" }] },
    },
  ])("$name", ({ volume, spec, planned }) => {
    expect(plan(volume, spec)).toMatchObject(planned);
  });

  it.each<[Omit<Input<Volume>, "name">, string]>([
    [{ configMap: { name: "none" } }, 'configmap "none" not found'],
    [{ secret: { secretName: "none" } }, 'secret "none" not found'],
    [
      { configMap: { name: "settings", items: [{ key: "no", path: "no" }] } },
      "configmap references non-existent config key: no",
    ],
    [{ secret: { secretName: "keys", items: [{ key: "no", path: "no" }] } }, "references non-existent secret key: no"],
    [
      { projected: { sources: [{ configMap: { name: "none" } }, { secret: { name: "none" } }] } },
      '[configmap "none" not found, secret "none" not found]',
    ],
    [{ emptyDir: { medium: "HugePages" } }, "emptyDir medium HugePages is not supported by this node"],
    [
      { persistentVolumeClaim: { claimName: "claim" } },
      "volume type persistentVolumeClaim is not supported by this node",
    ],
    [{ csi: { driver: "x" } }, "volume type csi is not supported by this node"],
    [
      { projected: { sources: [{ clusterTrustBundle: { path: "ca", name: "x" } }] } },
      "projected volume source clusterTrustBundle is not supported by this node",
    ],
  ])("refuses %j", (volume, message) => {
    expect(() => plan(volume)).toThrow(message);
  });
});

describe("podReferences", () => {
  it("names what is mounted, what environments need and what pulls need, and no more", () => {
    const pod = buildPod({
      spec: {
        imagePullSecrets: [{ name: "pull" }],
        initContainers: [{ name: "init", image: "i:1", envFrom: [{ configMapRef: { name: "from" } }] }],
        containers: [
          {
            name: "web",
            image: "web:1",
            env: [
              { name: "A", valueFrom: { secretKeyRef: { name: "env", key: "a" } } },
              { name: "B", valueFrom: { configMapKeyRef: { name: "env", key: "b" } } },
            ],
            volumeMounts: [
              { name: "used", mountPath: "/a" },
              { name: "both", mountPath: "/b" },
            ],
          },
        ],
        volumes: [
          { name: "used", secret: { secretName: "mounted" } },
          { name: "unused", configMap: { name: "unused" } },
          { name: "both", projected: { sources: [{ configMap: { name: "in" } }, { secret: { name: "in" } }] } },
        ],
      },
    });
    const { configMaps: maps, secrets: keys } = podReferences(pod);
    expect([...maps].sort()).toEqual(["env", "from", "in"]);
    expect([...keys].sort()).toEqual(["env", "in", "mounted", "pull"]);
  });
});
