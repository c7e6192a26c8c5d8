import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { jobs, pods } from "../../api/resources.ts";
import type { Job } from "../../api/types/batch-v1.ts";
import {
  type ControllerHarness,
  type HollowBehaviour,
  startControllerHarness,
} from "../../testing/controller-harness.ts";
import { resourceControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const start = async (behaviour: HollowBehaviour): Promise<void> => {
  harness = await startControllerHarness({ controllers: resourceControllers, behaviour });
};

const key = { namespace: "default", name: "work" };
const work = (spec: Input<Job["spec"]> = {}): Input<Job> => ({
  metadata: key,
  spec: {
    parallelism: 2,
    completions: 4,
    backoffLimit: 6,
    completionMode: "NonIndexed",
    podReplacementPolicy: "TerminatingOrFailed",
    suspend: false,
    manualSelector: true,
    selector: { matchLabels: { job: "work" } },
    template: {
      metadata: { labels: { job: "work" } },
      spec: { restartPolicy: "Never", containers: [{ name: "main", image: "work:1" }] },
    },
    ...spec,
  },
});
const job = () => harness.client.get(jobs, key);
const has = async (type: string): Promise<boolean> =>
  (await job()).status.conditions?.some((condition) => condition.type === type && condition.status === "True") === true;
const succeeds: HollowBehaviour = { ends: () => ({ afterMs: 3_000, phase: "Succeeded" }) };
const fails: HollowBehaviour = { ends: () => ({ afterMs: 1_000, phase: "Failed", exitCode: 3 }) };

describe("Job", () => {
  it("runs its pods side by side until as many have succeeded as asked for, and tells of it", async () => {
    await start(succeeds);
    await harness.client.create(jobs, work());
    let most = 0;
    await harness.until("complete", async () => {
      most = Math.max(most, (await job()).status.active ?? 0);
      return has("Complete");
    });
    const all = await harness.list(pods);
    expect({ most, pods: all.length, finalizers: all.flatMap(({ metadata }) => metadata.finalizers ?? []) }).toEqual({
      most: 2,
      pods: 4,
      finalizers: [],
    });
    const { conditions, startTime, completionTime, ...counts } = (await job()).status;
    expect(counts).toEqual({ succeeded: 4, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ["SuccessCriteriaMet", "True", "CompletionsReached"],
      ["Complete", "True", "CompletionsReached"],
    ]);
    expect([startTime, completionTime].every((time) => time !== undefined)).toBe(true);
    await harness.run(1_000);
    const events = await harness.eventsOf("work");
    expect([
      events.filter((event) => event.startsWith("Normal SuccessfulCreate: Created pod: work-")).length,
      events.at(-1),
    ]).toEqual([4, "Normal Completed: Job completed"]);
    expect(harness.log).toEqual([]);
  });

  it("gives up after the back-off limit, waiting longer before each new pod", async () => {
    await start(fails);
    await harness.client.create(jobs, work({ parallelism: 1, completions: 1, backoffLimit: 3 }));
    await harness.until("failed", () => has("Failed"), 300_000);
    const created = (await harness.list(pods))
      .map(({ metadata }) => Date.parse(metadata.creationTimestamp))
      .sort((a, b) => a - b);
    const gaps = created.slice(1).map((time, index) => (time - (created[index] as number)) / 1000);
    // Each gap is the time that a pod lived, two seconds, and the wait, counted from its end in whole seconds.
    expect(gaps.map((gap) => Math.round(gap / 10) * 10)).toEqual([10, 20, 40]);
    expect((await job()).status).toMatchObject({ failed: 4 });
    await harness.run(1_000);
    expect((await harness.eventsOf("work")).at(-1)).toBe(
      "Warning BackoffLimitExceeded: Job has reached the specified backoff limit",
    );
    expect(harness.log).toEqual([]);
  });

  it("gives every index a pod of its own", async () => {
    await start(succeeds);
    await harness.client.create(jobs, work({ completionMode: "Indexed", parallelism: 3 }));
    await harness.until("complete", () => has("Complete"));
    const all = await harness.list(pods);
    expect(
      all
        .map(({ metadata, spec }) => [
          metadata.name.replace(/-[^-]*$/, ""),
          metadata.labels?.["batch.kubernetes.io/job-completion-index"],
          spec.hostname,
        ])
        .toSorted(),
    ).toEqual([0, 1, 2, 3].map((index) => [`work-${index}`, String(index), `work-${index}`]));
    expect((await job()).status).toMatchObject({ succeeded: 4, completedIndexes: "0-3" });
  });

  it("ends one index after its own limit and goes on with the others", async () => {
    const isBad = (labels: Readonly<Record<string, string>> | undefined): boolean =>
      labels?.["batch.kubernetes.io/job-completion-index"] === "1";
    await start({
      ends: ({ metadata }) => ({ afterMs: 1_000, phase: isBad(metadata.labels) ? "Failed" : "Succeeded" }),
    });
    await harness.client.create(
      jobs,
      work({ completionMode: "Indexed", completions: 3, backoffLimitPerIndex: 1, backoffLimit: 2_147_483_647 }),
    );
    await harness.until("failed", () => has("Failed"));
    expect((await job()).status).toMatchObject({
      succeeded: 2,
      failed: 2,
      completedIndexes: "0,2",
      failedIndexes: "1",
    });
    const bad = (await harness.list(pods)).filter(({ metadata }) => isBad(metadata.labels));
    expect(
      bad.map(({ metadata }) => metadata.annotations?.["batch.kubernetes.io/job-index-failure-count"]).toSorted(),
    ).toEqual(["0", "1"]);
    await harness.run(1_000);
    expect((await harness.eventsOf("work")).at(-1)).toBe("Warning FailedIndexes: Job has failed indexes");
  });

  it("fails at once on an exit code that its policy names, stopping what still runs", async () => {
    let ended = 0;
    await start({
      ends: () => {
        ended += 1;
        return ended === 1 ? { afterMs: 1_000, phase: "Failed", exitCode: 42 } : undefined;
      },
    });
    await harness.client.create(
      jobs,
      work({
        podReplacementPolicy: "Failed",
        podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [42] } }] },
      }),
    );
    await harness.until("announced", () => has("FailureTarget"));
    expect(await has("Failed")).toBe(false);
    await harness.until("failed", () => has("Failed"));
    await harness.run(2_000);
    expect((await harness.list(pods)).map(({ status }) => status.phase)).toEqual(["Failed"]);
    expect((await job()).status).toMatchObject({ failed: 2, terminating: 0 });
  });

  it("stops its pods while it is suspended, without counting them as failed", async () => {
    await start({});
    await harness.client.create(jobs, work());
    await harness.run(5_000);
    await harness.client.patch(jobs, key, "merge", { spec: { suspend: true } });
    await harness.run(5_000);
    expect((await harness.list(pods)).length).toBe(0);
    const { conditions, ...counts } = (await job()).status;
    expect(counts).toEqual({ ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(conditions).toMatchObject([{ type: "Suspended", status: "True" }]);
    await harness.client.patch(jobs, key, "merge", { spec: { suspend: false } });
    await harness.run(5_000);
    expect((await harness.list(pods)).length).toBe(2);
    const events = (await harness.eventsOf("work")).filter((event) => /Suspended|Resumed/.test(event));
    expect(events).toEqual(["Normal Suspended: Job suspended", "Normal Resumed: Job resumed"]);
  });

  it("ends when its deadline has passed", async () => {
    await start({});
    await harness.client.create(jobs, work({ activeDeadlineSeconds: 30 }));
    await harness.run(29_000);
    expect(await has("FailureTarget")).toBe(false);
    await harness.until("failed", () => has("Failed"), 10_000);
    await harness.run(5_000);
    expect((await harness.list(pods)).length).toBe(0);
    expect((await job()).status).toMatchObject({ failed: 2 });
  });

  it("waits for a pod to end before it replaces it, where asked to", async () => {
    await start({ stopAfterMs: () => 20_000 });
    await harness.client.create(jobs, work({ parallelism: 1, completions: 1, podReplacementPolicy: "Failed" }));
    await harness.run(5_000);
    const [first] = await harness.list(pods);
    await harness.client.delete(pods, { namespace: "default", name: first?.metadata.name ?? "" });
    await harness.run(10_000);
    expect([(await harness.list(pods)).length, (await job()).status.terminating]).toEqual([1, 1]);
    await harness.run(60_000);
    expect((await harness.list(pods)).map(({ metadata }) => metadata.name)).not.toContain(first?.metadata.name);
  });

  it("frees its pods when it is deleted and they are left behind", async () => {
    await start({});
    await harness.client.create(jobs, work());
    await harness.run(5_000);
    await harness.client.delete(jobs, key, { propagationPolicy: "Background" });
    const all = await harness.list(pods);
    for (const { metadata } of all)
      await harness.client.patch(pods, { namespace: "default", name: metadata.name }, "merge", {
        metadata: { ownerReferences: null },
      });
    await harness.run(5_000);
    expect((await harness.list(pods)).flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
  });
});
