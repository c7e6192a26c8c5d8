import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { deployments, pods, replicaSets } from "../../api/resources.ts";
import type { Deployment } from "../../api/types/apps-v1.ts";
import {
  type ControllerHarness,
  type HollowBehaviour,
  startControllerHarness,
} from "../../testing/controller-harness.ts";
import { resourceControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const start = async (behaviour: HollowBehaviour = {}): Promise<void> => {
  harness = await startControllerHarness({ controllers: resourceControllers, behaviour, nodes: ["node-1", "node-2"] });
};

const web = (spec: Input<Deployment["spec"]> = {}): Input<Deployment> => ({
  metadata: { name: "web", namespace: "default" },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: "web" } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 10,
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
    ...spec,
  },
});

const revision = "deployment.kubernetes.io/revision";
const key = { namespace: "default", name: "web" };
const setImage = (image: string) =>
  harness.client.patch(deployments, key, "strategic", {
    spec: { template: { spec: { containers: [{ name: "web", image }] } } },
  });
const isComplete = async (image: string): Promise<boolean> => {
  const { spec, status, metadata } = await harness.client.get(deployments, key);
  return (
    spec.template.spec.containers?.[0]?.image === image &&
    status.observedGeneration === metadata.generation &&
    status.updatedReplicas === spec.replicas &&
    status.replicas === spec.replicas &&
    status.availableReplicas === spec.replicas
  );
};

describe("Deployment", () => {
  it("makes a ReplicaSet and pods, and reports when all are available", async () => {
    await start();
    await harness.client.create(deployments, web());
    await harness.until("complete", () => isComplete("web:1"));
    await harness.run(60_000);
    const [set] = await harness.list(replicaSets);
    const deployment = await harness.client.get(deployments, key);
    expect(deployment.metadata.annotations?.["deployment.kubernetes.io/revision"]).toBe("1");
    expect(deployment.status).toMatchObject({
      observedGeneration: 1,
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      terminatingReplicas: 0,
    });
    expect(
      deployment.status.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]),
    ).toEqual([
      ["Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."],
      [
        "Progressing",
        "True",
        "NewReplicaSetAvailable",
        `ReplicaSet "${set?.metadata.name}" has successfully progressed.`,
      ],
    ]);
    expect(await harness.eventsOf("web")).toEqual([
      `Normal ScalingReplicaSet: Scaled up replica set ${set?.metadata.name} from 0 to 3`,
    ]);
    const names = (await harness.list(pods)).map(({ metadata }) => metadata.name).sort();
    expect((await harness.eventsOf(set?.metadata.name ?? "")).toSorted()).toEqual(
      names.map((name) => `Normal SuccessfulCreate: Created pod: ${name}`),
    );
    expect(harness.log).toEqual([]);
  });

  it("rolls a new image out without ever having fewer pods available or more in all than promised", async () => {
    await start();
    await harness.client.create(deployments, web({ replicas: 4 }));
    await harness.until("complete", () => isComplete("web:1"));
    let least = Number.POSITIVE_INFINITY;
    let most = 0;
    await setImage("web:2");
    await harness.until("rolled out", async () => {
      const all = await harness.list(pods);
      const serving = all.filter(
        ({ status, metadata }) =>
          metadata.deletionTimestamp === undefined &&
          status.conditions?.some(({ type, status }) => type === "Ready" && status === "True"),
      );
      least = Math.min(least, serving.length);
      most = Math.max(most, all.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length);
      return isComplete("web:2");
    });
    expect({ least, most }).toEqual({ least: 3, most: 5 });
    await harness.run(5_000);
    const sets = await harness.list(replicaSets);
    expect(sets.map(({ spec, metadata }) => [spec.replicas, metadata.annotations?.[revision]]).toSorted()).toEqual([
      [0, "1"],
      [4, "2"],
    ]);
    const images = (await harness.list(pods)).map(({ spec }) => spec.containers?.[0]?.image);
    expect(images).toEqual(["web:2", "web:2", "web:2", "web:2"]);
    expect(harness.log).toEqual([]);
  });

  it("is rolled back by its old template, which becomes the newest revision", async () => {
    await start();
    await harness.client.create(deployments, web());
    await harness.until("complete", () => isComplete("web:1"));
    const [first] = await harness.list(replicaSets);
    await setImage("web:2");
    await harness.until("rolled out", () => isComplete("web:2"));
    // What kubectl rollout undo sends.
    const template = { ...first?.spec.template, metadata: { labels: { app: "web" } } };
    await harness.client.patch(deployments, key, "json", [{ op: "replace", path: "/spec/template", value: template }]);
    await harness.until("rolled back", () => isComplete("web:1"));
    const again = await harness.client.get(replicaSets, { namespace: "default", name: first?.metadata.name ?? "" });
    const { metadata } = await harness.client.get(deployments, key);
    expect({
      sets: (await harness.list(replicaSets)).length,
      revision: metadata.annotations?.[revision],
      own: again.metadata.annotations?.[revision],
      history: again.metadata.annotations?.["deployment.kubernetes.io/revision-history"],
    }).toEqual({ sets: 2, revision: "3", own: "3", history: "1" });
  });

  it("is scaled up and down, taking pods away that are not ready first", async () => {
    await start({ readyAfterMs: ({ metadata }) => (metadata.name.endsWith("z") ? undefined : 1_000) });
    await harness.client.create(deployments, web({ replicas: 2 }));
    await harness.until("complete", () => isComplete("web:1"));
    const ready = new Set((await harness.list(pods)).map(({ metadata }) => metadata.name));
    await harness.client.patch(deployments, key, "merge", { spec: { replicas: 5 } });
    await harness.until("five pods", async () => (await harness.list(pods)).length === 5);
    await harness.client.patch(deployments, key, "merge", { spec: { replicas: 2 } });
    await harness.until("two pods", async () => (await harness.list(pods)).length === 2);
    await harness.until("reported", () => isComplete("web:1"));
    expect(new Set((await harness.list(pods)).map(({ metadata }) => metadata.name))).toEqual(ready);
  });

  it("replaces a deleted pod, and adopts one that fits", async () => {
    await start();
    await harness.client.create(deployments, web());
    await harness.until("complete", () => isComplete("web:1"));
    const [victim] = await harness.list(pods);
    await harness.client.delete(pods, { namespace: "default", name: victim?.metadata.name ?? "" });
    await harness.run(10_000);
    const names = (await harness.list(pods)).map(({ metadata }) => metadata.name);
    expect([names.length, names.includes(victim?.metadata.name ?? "")]).toEqual([3, false]);

    // Without its label a pod is let go and replaced; with it again it is taken back, and one is too many.
    const [stray] = await harness.list(pods);
    const strayKey = { namespace: "default", name: stray?.metadata.name ?? "" };
    await harness.client.patch(pods, strayKey, "merge", { metadata: { labels: { app: "stray" } } });
    await harness.run(10_000);
    expect((await harness.client.get(pods, strayKey)).metadata.ownerReferences).toBeUndefined();
    expect((await harness.list(pods)).length).toBe(4);
    await harness.client.patch(pods, strayKey, "merge", { metadata: { labels: { app: "web" } } });
    await harness.run(10_000);
    expect((await harness.list(pods)).length).toBe(3);
    expect(harness.log).toEqual([]);
  });

  it("lets nothing new run beside the old when it recreates", async () => {
    await start();
    await harness.client.create(deployments, web({ strategy: { type: "Recreate" } }));
    await harness.until("complete", () => isComplete("web:1"));
    await setImage("web:2");
    const mixes = new Set<string>();
    await harness.until("recreated", async () => {
      const images = new Set((await harness.list(pods)).map(({ spec }) => spec.containers?.[0]?.image));
      mixes.add([...images].toSorted().join("+"));
      return isComplete("web:2");
    });
    expect([...mixes].toSorted()).toEqual(["web:1", "web:2"]);
  });

  it("makes no set while it is paused, and reports a rollout that stands still after the deadline", async () => {
    await start({ readyAfterMs: ({ spec }) => (spec.containers?.[0]?.image === "web:2" ? undefined : 1_000) });
    await harness.client.create(deployments, web({ progressDeadlineSeconds: 60 }));
    await harness.until("complete", () => isComplete("web:1"));
    await harness.client.patch(deployments, key, "merge", { spec: { paused: true } });
    await setImage("web:2");
    await harness.run(120_000);
    const progressing = async () =>
      (await harness.client.get(deployments, key)).status.conditions?.find(({ type }) => type === "Progressing");
    expect([(await harness.list(replicaSets)).length, (await progressing())?.reason]).toEqual([1, "DeploymentPaused"]);
    await harness.client.patch(deployments, key, "merge", { spec: { paused: false } });
    await harness.run(55_000);
    expect((await progressing())?.status).not.toBe("False");
    await harness.run(20_000);
    expect(await progressing()).toMatchObject({ status: "False", reason: "ProgressDeadlineExceeded" });
    await setImage("web:1");
    await harness.until("rolled back", () => isComplete("web:1"));
    expect(await progressing()).toMatchObject({ status: "True", reason: "NewReplicaSetAvailable" });
  });

  it("counts pods as available only after minReadySeconds", async () => {
    await start();
    await harness.client.create(deployments, web({ minReadySeconds: 30 }));
    await harness.run(10_000);
    const status = async () => (await harness.client.get(deployments, key)).status;
    expect(await status()).toMatchObject({ readyReplicas: 3, unavailableReplicas: 3 });
    expect((await status()).availableReplicas).toBeUndefined();
    await harness.run(25_000);
    expect(await status()).toMatchObject({ readyReplicas: 3, availableReplicas: 3 });
  });

  it("keeps as many old sets as its history limit says", async () => {
    await start();
    await harness.client.create(deployments, web({ replicas: 1, revisionHistoryLimit: 2 }));
    for (const image of ["web:1", "web:2", "web:3", "web:4", "web:5"]) {
      await setImage(image);
      await harness.until(image, () => isComplete(image));
    }
    await harness.run(5_000);
    const sets = await harness.list(replicaSets);
    expect(sets.map(({ metadata }) => metadata.annotations?.[revision]).toSorted()).toEqual(["3", "4", "5"]);
  });

  it("costs nothing when nothing changes", async () => {
    await start();
    await harness.client.create(deployments, web());
    await harness.until("complete", () => isComplete("web:1"));
    await harness.run(10_000);
    const versions = async () =>
      [...(await harness.list(deployments)), ...(await harness.list(replicaSets)), ...(await harness.list(pods))].map(
        ({ metadata }) => metadata.resourceVersion,
      );
    const before = await versions();
    await harness.run(3_600_000);
    expect(await versions()).toEqual(before);
    expect(harness.clock.pendingTimers).toBe(0);
  });
});
