import { afterEach, expect, it } from "vitest";
import type { Pod } from "../api/types/core-v1.ts";
import { buildPod } from "../testing/build-pod.ts";
import { type KubeletHarness, startKubeletHarness } from "../testing/kubelet-harness.ts";
import type { PodSource } from "./pod-source.ts";

let node: KubeletHarness;
afterEach(() => node.stop());

/** A source of pods that a test changes. */
function createSource(): PodSource & { put(pod: Pod): void; remove(pod: Pod): void } {
  const listeners = new Set<Parameters<PodSource["onChange"]>[0]>();
  const tell = (before: Pod | undefined, after: Pod | undefined): void => {
    for (const listener of listeners) listener({ before, after });
  };
  return {
    synced: async () => undefined,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    put: (pod) => tell(undefined, pod),
    remove: (pod) => tell(pod, undefined),
  };
}

const staticPod = (uid: string, image = "web:1") =>
  buildPod({
    metadata: { uid, name: "proxy", annotations: { "kubernetes.io/config.source": "file" } },
    spec: { containers: [{ name: "web", image }] },
  });
const sandboxes = async () => (await node.runtime.listSandboxes()).map(({ uid, ready }) => [uid, ready]);

it("a static pod runs, though the API knows nothing of it", async () => {
  const source = createSource();
  node = await startKubeletHarness({ sources: [source] });
  source.put(staticPod("one"));
  await node.run(1_000);
  expect(node.kubelet.api.pods().map(({ status }) => status.phase)).toEqual(["Running"]);
  source.remove(staticPod("one"));
  await node.run(1_000);
  expect(await sandboxes()).toEqual([]);
  expect(node.log).toEqual([]);
});

it("a static pod waits until the one before it of the same name has ended, and starts as it is then", async () => {
  const source = createSource();
  node = await startKubeletHarness({ sources: [source], script: () => ({ stopsAfterMs: 5_000 }) });
  source.put(staticPod("one"));
  await node.run(1_000);
  source.remove(staticPod("one"));
  source.put(staticPod("two"));
  await node.run(2_000);
  source.put(staticPod("two", "web:2"));
  await node.run(2_000);
  expect(await sandboxes()).toEqual([["one", true]]);
  await node.run(2_000);
  expect(await sandboxes()).toEqual([["two", true]]);
  expect(node.runtime.container("web").image).toBe("web:2");
});

it("a static pod that is taken back while it waits never starts", async () => {
  const source = createSource();
  node = await startKubeletHarness({ sources: [source], script: () => ({ stopsAfterMs: 5_000 }) });
  source.put(staticPod("one"));
  await node.run(1_000);
  source.remove(staticPod("one"));
  source.put(staticPod("two"));
  await node.run(1_000);
  source.remove(staticPod("two"));
  await node.run(10_000);
  expect(await sandboxes()).toEqual([]);
});
