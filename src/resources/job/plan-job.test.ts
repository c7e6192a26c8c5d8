import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { jobs } from "../../api/resources.ts";
import type { Job, JobStatus } from "../../api/types/batch-v1.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import { controllerReference } from "../../controllerkit/ownership.ts";
import { buildObject } from "../../testing/build-object.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { parseIndexes } from "./job-indexes.ts";
import { finishedAtMs } from "./job-pods.ts";
import { backoffRemainingMs, type JobBackoff, noFailures, updatedBackoff } from "./plan-backoff.ts";
import { judgeFailure } from "./plan-failure-policy.ts";
import { assessJob } from "./plan-job.ts";
import { planJobAction, renderJobPod } from "./plan-job-pods.ts";
import { accountFor, closeAccount } from "./plan-job-status.ts";
import { metSuccessRule } from "./plan-success-policy.ts";

const nowMs = Date.UTC(2026, 0, 2);
const ago = (seconds: number): string => formatTime(nowMs - seconds * 1000);

function job(spec: Input<Job["spec"]> = {}, status: Input<JobStatus> = {}, more: Input<Job["metadata"]> = {}): Job {
  return buildObject(jobs, {
    metadata: { name: "work", ...more },
    spec: {
      parallelism: 2,
      completions: 3,
      backoffLimit: 6,
      completionMode: "NonIndexed",
      podReplacementPolicy: "TerminatingOrFailed",
      manualSelector: true,
      selector: { matchLabels: { job: "work" } },
      template: {
        metadata: { labels: { job: "work" } },
        spec: { restartPolicy: "Never", containers: [{ name: "main", image: "work:1" }] },
      },
      ...spec,
    },
    status: { startTime: ago(1000), ready: 0, terminating: 0, uncountedTerminatedPods: {}, ...status },
  });
}

interface PodOptions {
  phase?: NonNullable<Pod["status"]["phase"]>;
  ready?: boolean;
  leaving?: boolean;
  tracked?: boolean;
  index?: number | string;
  failures?: number;
  endedSecondsAgo?: number;
  exitCode?: number;
  restarts?: number;
  conditions?: Input<Pod["status"]["conditions"]>;
  ageSeconds?: number;
}

function pod(name: string, options: PodOptions = {}): Pod {
  const { phase = "Running", index, failures, endedSecondsAgo = 0 } = options;
  const hasEnded = phase === "Succeeded" || phase === "Failed";
  return buildPod({
    metadata: {
      name,
      uid: name,
      creationTimestamp: ago(options.ageSeconds ?? 500),
      labels: { job: "work" },
      annotations: {
        ...(index === undefined ? {} : { "batch.kubernetes.io/job-completion-index": String(index) }),
        ...(failures === undefined ? {} : { "batch.kubernetes.io/job-index-failure-count": String(failures) }),
      },
      ...(options.tracked === false ? {} : { finalizers: ["batch.kubernetes.io/job-tracking"] }),
      ...(options.leaving === true ? { deletionTimestamp: ago(0), deletionGracePeriodSeconds: 30 } : {}),
    },
    status: {
      phase,
      conditions: options.conditions ?? (options.ready === true ? [{ type: "Ready", status: "True" }] : []),
      containerStatuses: [
        {
          name: "web",
          image: "",
          imageID: "",
          ready: false,
          restartCount: options.restarts ?? 0,
          state: hasEnded
            ? {
                terminated: {
                  exitCode: options.exitCode ?? (phase === "Failed" ? 1 : 0),
                  finishedAt: ago(endedSecondsAgo),
                },
              }
            : { running: {} },
        },
      ],
    },
  });
}

const assess = (owner: Job, pods: Pod[], backoff: JobBackoff = noFailures) =>
  assessJob({ job: owner, pods, backoff, nowMs });
const act = (owner: Job, pods: Pod[], backoff?: JobBackoff) => planJobAction(assess(owner, pods, backoff));
const verdict = (owner: Job, pods: Pod[]): string | undefined => {
  const found = assess(owner, pods).verdict;
  return found === undefined ? undefined : `${found.type} ${found.reason}: ${found.message}`;
};
const names = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.name);
const indexed = (spec: Input<Job["spec"]> = {}): Input<Job["spec"]> => ({ completionMode: "Indexed", ...spec });
const perIndex = (spec: Input<Job["spec"]> = {}): Input<Job["spec"]> =>
  indexed({ backoffLimitPerIndex: 1, backoffLimit: 2_147_483_647, ...spec });

describe("pods of a Job", () => {
  it.each([
    { name: "as many as may run side by side", spec: {}, pods: [], create: 2 },
    { name: "no more than are left to complete", spec: {}, status: { succeeded: 2 }, pods: [], create: 1 },
    { name: "none beside those that run", spec: {}, pods: [pod("a"), pod("b")], create: 0 },
    { name: "one for one that has succeeded", spec: {}, pods: [pod("a"), pod("b", { phase: "Succeeded" })], create: 1 },
    { name: "one for one that is being deleted", spec: {}, pods: [pod("a"), pod("b", { leaving: true })], create: 1 },
    {
      name: "none for one that is being deleted, where only failed ones are replaced",
      spec: { podReplacementPolicy: "Failed" as const },
      pods: [pod("a"), pod("b", { leaving: true })],
      create: 0,
    },
    { name: "500 at a time", spec: { parallelism: 2000, completions: 2000 }, pods: [], create: 500 },
    {
      name: "no new ones after the first success, without a number of completions",
      spec: { completions: null },
      pods: [pod("a"), pod("b", { phase: "Succeeded" })],
      create: 0,
    },
    {
      name: "none while it is being deleted",
      spec: {},
      metadata: { deletionTimestamp: ago(1), finalizers: ["x/y"] },
      pods: [],
      create: 0,
    },
  ] as readonly {
    name: string;
    spec: Input<Job["spec"]>;
    status?: Input<JobStatus>;
    metadata?: Input<Job["metadata"]>;
    pods: Pod[];
    create: number;
  }[])("are made: $name", ({ spec, status, metadata, pods, create }) => {
    const action = act(job(spec, status, metadata), pods);
    expect(action.kind === "create" ? action.indexes.length : 0).toBe(create);
  });

  it.each([
    {
      name: "when parallelism shrinks, the least advanced",
      spec: { parallelism: 1 },
      pods: [pod("ready", { ready: true }), pod("starting", { phase: "Pending" })],
      remove: ["starting"],
    },
    { name: "all when suspended", spec: { suspend: true }, pods: [pod("a"), pod("b")], remove: ["a", "b"] },
    {
      name: "without an index or with one too many",
      spec: indexed(),
      pods: [pod("a", { index: 0 }), pod("b"), pod("c", { index: 7 })],
      remove: ["b", "c"],
    },
    {
      name: "with an index that another has",
      spec: indexed(),
      pods: [pod("a", { index: 0, ready: true }), pod("b", { index: 0 })],
      remove: ["b"],
    },
  ])("are taken away: $name", ({ spec, pods, remove }) => {
    const action = act(job(spec), pods);
    expect(action.kind === "remove" ? names(action.pods) : []).toEqual(remove);
  });

  it("get the lowest indexes that are free", () => {
    const owner = job(indexed({ parallelism: 4, completions: 6 }), { completedIndexes: "1", succeeded: 1 });
    const action = act(owner, [pod("a", { index: 0 }), pod("b", { index: 3, phase: "Succeeded" })]);
    expect(action).toEqual({ kind: "create", indexes: [2, 4, 5] });
  });

  it.each([
    { failures: 1, secondsAgo: 4, wait: 6_000 },
    { failures: 1, secondsAgo: 10, wait: 0 },
    { failures: 2, secondsAgo: 4, wait: 16_000 },
    { failures: 3, secondsAgo: 0, wait: 40_000 },
    { failures: 7, secondsAgo: 0, wait: 600_000 },
    { failures: 50, secondsAgo: 0, wait: 600_000 },
  ])("wait after $failures failures, the last $secondsAgo s ago, for $wait ms", ({ failures, secondsAgo, wait }) => {
    const backoff = { failures, lastFailureMs: nowMs - secondsAgo * 1000 };
    expect(backoffRemainingMs(backoff, nowMs)).toBe(wait);
    expect(act(job(), [], backoff).kind).toBe(wait === 0 ? "create" : "wait");
  });

  it("carry what tells them apart", () => {
    const owner = job(
      indexed({
        template: {
          metadata: { labels: { job: "work" } },
          spec: {
            restartPolicy: "Never",
            containers: [
              { name: "main", image: "i" },
              { name: "own", image: "i", env: [{ name: "JOB_COMPLETION_INDEX", value: "x" }] },
            ],
          },
        },
      }),
    );
    const made = renderJobPod(assess(owner, []), 2);
    expect({
      metadata: made.metadata,
      hostname: made.spec?.hostname,
      env: made.spec?.containers?.map((container) => container?.env),
    }).toEqual({
      metadata: {
        generateName: "work-2-",
        labels: { job: "work", "batch.kubernetes.io/job-completion-index": "2" },
        annotations: { "batch.kubernetes.io/job-completion-index": "2" },
        finalizers: ["batch.kubernetes.io/job-tracking"],
        ownerReferences: [controllerReference(owner)],
      },
      hostname: "work-2",
      env: [
        [
          {
            name: "JOB_COMPLETION_INDEX",
            valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" } },
          },
        ],
        [{ name: "JOB_COMPLETION_INDEX", value: "x" }],
      ],
    });
  });
});

describe("failures of single indexes", () => {
  it("are handed on to the pod that comes next, after a wait of their own", () => {
    const owner = job(perIndex({ backoffLimitPerIndex: 5, parallelism: 3 }));
    const failed = pod("a", { index: 1, phase: "Failed", failures: 2, endedSecondsAgo: 15 });
    const pods = [pod("zero", { index: 0 }), pod("two", { index: 2 }), failed];
    expect(act(owner, pods)).toEqual({ kind: "wait", forMs: 25_000 });
    const later = assessJob({ job: owner, pods, backoff: noFailures, nowMs: nowMs + 25_000 });
    expect(planJobAction(later)).toEqual({ kind: "create", indexes: [1] });
    expect(renderJobPod(later, 1).metadata?.annotations).toEqual({
      "batch.kubernetes.io/job-completion-index": "1",
      "batch.kubernetes.io/job-index-failure-count": "3",
    });
    // Until then the failed pod keeps its finalizer.
    expect(
      accountFor(later, { kind: "none", managed: true }, { created: 0, removed: 0, removedReady: 0 }).release,
    ).toEqual([]);
  });

  it("past the limit end that index but not the others", () => {
    const pods = [pod("a", { index: 0, phase: "Failed", failures: 1 }), pod("b", { index: 1 })];
    const assessment = assess(job(perIndex()), pods);
    expect([assessment.verdict, assessment.failedIndexes]).toEqual([undefined, [{ first: 0, last: 0 }]]);
    expect(planJobAction(assessment)).toEqual({ kind: "create", indexes: [2] });
  });
});

describe("end of a Job", () => {
  const failed = (count: number): Pod[] =>
    Array.from({ length: count }, (_unused, position) => pod(`f${position}`, { phase: "Failed" }));

  it.each([
    {
      name: "not while failures are within the limit",
      owner: job({ backoffLimit: 2 }),
      pods: failed(2),
      expected: undefined,
    },
    {
      name: "by too many failures",
      owner: job({ backoffLimit: 2 }),
      pods: failed(3),
      expected: "FailureTarget BackoffLimitExceeded: Job has reached the specified backoff limit",
    },
    {
      name: "by failures counted before and now",
      owner: job({ backoffLimit: 2 }, { failed: 2 }),
      pods: failed(1),
      expected: "FailureTarget BackoffLimitExceeded: Job has reached the specified backoff limit",
    },
    {
      name: "by restarts in place",
      owner: job({
        backoffLimit: 3,
        template: {
          metadata: { labels: { job: "work" } },
          spec: { restartPolicy: "OnFailure", containers: [{ name: "a", image: "a" }] },
        },
      }),
      pods: [pod("a", { restarts: 2 }), pod("b", { restarts: 1 })],
      expected: "FailureTarget BackoffLimitExceeded: Job has reached the specified backoff limit",
    },
    {
      name: "by its deadline",
      owner: job({ activeDeadlineSeconds: 1000 }),
      pods: [pod("a")],
      expected: "FailureTarget DeadlineExceeded: Job was active longer than specified deadline",
    },
    {
      name: "not by its deadline while suspended",
      owner: job({ activeDeadlineSeconds: 1000, suspend: true }),
      pods: [],
      expected: undefined,
    },
    {
      name: "by its failure policy",
      owner: job({
        podFailurePolicy: { rules: [{ action: "FailJob", onExitCodes: { operator: "In", values: [42] } }] },
      }),
      pods: [pod("a", { phase: "Failed", exitCode: 42 })],
      expected:
        "FailureTarget PodFailurePolicy: Container web for pod default/a failed with exit code 42 matching FailJob rule at index 0",
    },
    {
      name: "by too many failed indexes",
      owner: job(perIndex({ maxFailedIndexes: 1, completions: 5 })),
      pods: [0, 1].map((index) => pod(`f${index}`, { index, phase: "Failed", failures: 1 })),
      expected:
        "FailureTarget MaxFailedIndexesExceeded: Job has exceeded the specified maximal number of failed indexes",
    },
    {
      name: "by failed indexes once all others have succeeded",
      owner: job(perIndex(), { completedIndexes: "0,1", succeeded: 2 }),
      pods: [pod("a", { index: 2, phase: "Failed", failures: 1 })],
      expected: "FailureTarget FailedIndexes: Job has failed indexes",
    },
    {
      name: "by its success policy",
      owner: job(indexed({ successPolicy: { rules: [{ succeededIndexes: "2" }, { succeededCount: 1 }] } })),
      pods: [pod("a", { index: 0, phase: "Succeeded" })],
      expected: "SuccessCriteriaMet SuccessPolicy: Matched rules at index 1",
    },
    {
      name: "as announced, though more failures would say otherwise",
      owner: job(
        { backoffLimit: 0 },
        { conditions: [{ type: "SuccessCriteriaMet", status: "True", reason: "SuccessPolicy", message: "m" }] },
      ),
      pods: failed(3),
      expected: "SuccessCriteriaMet SuccessPolicy: m",
    },
    {
      name: "as failure once that was announced",
      owner: job(
        {},
        { conditions: [{ type: "FailureTarget", status: "True", reason: "DeadlineExceeded", message: "m" }] },
      ),
      pods: [],
      expected: "Failed DeadlineExceeded: m",
    },
  ] as readonly { name: string; owner: Job; pods: Pod[]; expected: string | undefined }[])(
    "$name",
    ({ owner, pods, expected }) => {
      expect(verdict(owner, pods)).toBe(expected);
    },
  );

  it("does not count failures that the policy ignores", () => {
    const policy = {
      rules: [{ action: "Ignore" as const, onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
    };
    const disrupted = pod("a", { phase: "Failed", conditions: [{ type: "DisruptionTarget", status: "True" }] });
    expect(assess(job({ podFailurePolicy: policy, backoffLimit: 0 }), [disrupted]).failed).toBe(0);
  });
});

describe("failure policy", () => {
  const rules = [
    { action: "Count" as const, onExitCodes: { operator: "In" as const, values: [1, 2] } },
    { action: "FailIndex" as const, onExitCodes: { containerName: "web", operator: "NotIn" as const, values: [9] } },
    { action: "FailJob" as const, onPodConditions: [{ type: "Bad", status: "True" }] },
  ];
  it.each([
    {
      name: "the first rule that matches",
      failed: pod("a", { phase: "Failed", exitCode: 2 }),
      expected: { action: "Count", counts: true },
    },
    {
      name: "codes outside a list",
      failed: pod("a", { phase: "Failed", exitCode: 7 }),
      expected: { action: "FailIndex", counts: true },
    },
    {
      name: "a condition",
      failed: pod("a", { phase: "Failed", exitCode: 9, conditions: [{ type: "Bad", status: "True" }] }),
      expected: {
        action: "FailJob",
        counts: true,
        message: "Pod default/a has condition Bad matching FailJob rule at index 2",
      },
    },
    {
      name: "no rule",
      failed: pod("a", { phase: "Failed", exitCode: 9 }),
      expected: { action: undefined, counts: true },
    },
  ])("applies $name", ({ failed, expected }) => {
    expect(judgeFailure({ rules }, failed)).toEqual(expected);
  });
});

describe("success policy", () => {
  it.each([
    { name: "all of certain indexes", rule: { succeededIndexes: "0,2-3" }, succeeded: "0-3", met: true },
    { name: "some of certain indexes", rule: { succeededIndexes: "0,2-3" }, succeeded: "0,1,3", met: false },
    {
      name: "enough of certain indexes",
      rule: { succeededIndexes: "0,2-3", succeededCount: 2 },
      succeeded: "0,1,3",
      met: true,
    },
    { name: "enough of any", rule: { succeededCount: 2 }, succeeded: "1,4", met: true },
    { name: "too few of any", rule: { succeededCount: 3 }, succeeded: "1,4", met: false },
  ])("$name", ({ rule, succeeded, met }) => {
    const owner = job(indexed({ completions: 10, successPolicy: { rules: [rule] } }));
    expect(metSuccessRule(owner, parseIndexes(succeeded, 10)) !== undefined).toBe(met);
  });
});

describe("back-off record", () => {
  const at = (name: string, phase: "Succeeded" | "Failed", endedSecondsAgo: number) =>
    pod(name, { phase, endedSecondsAgo });
  it.each([
    {
      name: "failures add up",
      succeeded: [],
      failed: [at("a", "Failed", 20), at("b", "Failed", 10)],
      failures: 5,
      last: 10,
    },
    { name: "success clears them", succeeded: [at("s", "Succeeded", 5)], failed: [], failures: 0, last: undefined },
    {
      name: "only failures after the last success stay",
      succeeded: [at("s", "Succeeded", 15)],
      failed: [at("a", "Failed", 20), at("b", "Failed", 10)],
      failures: 1,
      last: 10,
    },
  ])("$name", ({ succeeded, failed, failures, last }) => {
    const before = { failures: 3, lastFailureMs: nowMs - 60_000 };
    expect(updatedBackoff(before, succeeded, failed)).toEqual({
      failures,
      lastFailureMs: last === undefined ? undefined : nowMs - last * 1000,
    });
  });

  it.each([
    { name: "its containers", pod: pod("a", { phase: "Failed", endedSecondsAgo: 7 }), secondsAgo: 7 },
    {
      name: "not being ready",
      pod: pod("a", { conditions: [{ type: "Ready", status: "False", lastTransitionTime: ago(9) }] }),
      secondsAgo: 9,
    },
    { name: "its deletion less its grace", pod: pod("a", { leaving: true }), secondsAgo: 30 },
    { name: "its creation", pod: pod("a", { ageSeconds: 77 }), secondsAgo: 77 },
  ])("takes the end of a pod from $name", ({ pod: ended, secondsAgo }) => {
    expect(finishedAtMs(ended)).toBe(nowMs - secondsAgo * 1000);
  });
});

describe("account of a Job", () => {
  const none = { created: 0, removed: 0, removedReady: 0 };
  const idle = { kind: "none" as const, managed: true };

  it("lists ended pods first, then counts those whose finalizer is off", () => {
    const pods = [pod("ok", { phase: "Succeeded" }), pod("bad", { phase: "Failed" }), pod("running", { ready: true })];
    const owner = job({ parallelism: 1 });
    const account = accountFor(assess(owner, pods), idle, none);
    expect({
      status: account.status.uncountedTerminatedPods,
      release: names(account.release),
      active: account.status.active,
      ready: account.status.ready,
    }).toEqual({
      status: { succeeded: ["ok"], failed: ["bad"] },
      release: ["ok", "bad"],
      active: 1,
      ready: 1,
    });
    const half = closeAccount(owner, account, new Set(["bad", "running"]), true, nowMs);
    expect(half.status).toMatchObject({ succeeded: 1, uncountedTerminatedPods: { failed: ["bad"] } });
    expect(half.status.failed ?? 0).toBe(0);
    // The next pass finds the other one released.
    const next = job({ parallelism: 1 }, half.status as Input<JobStatus>);
    const again = accountFor(
      assess(next, [pod("bad", { phase: "Failed", tracked: false }), pod("running")]),
      idle,
      none,
    );
    expect(again.status).toMatchObject({ succeeded: 1, failed: 1, uncountedTerminatedPods: {} });
  });

  it("announces success, and states it when the last pod is gone", () => {
    const pods = [0, 1, 2].map((number) => pod(`ok${number}`, { phase: "Succeeded" }));
    const owner = job();
    const account = accountFor(assess(owner, pods), idle, none);
    expect(account.status.conditions).toMatchObject([
      { type: "SuccessCriteriaMet", status: "True", reason: "CompletionsReached" },
    ]);
    const closing = closeAccount(owner, account, new Set(), false, nowMs);
    expect({ status: closing.status, events: closing.events }).toMatchObject({
      status: {
        succeeded: 3,
        completionTime: ago(0),
        conditions: [
          { type: "SuccessCriteriaMet" },
          { type: "Complete", status: "True", message: "Reached expected number of succeeded pods" },
        ],
      },
      events: [{ type: "Normal", reason: "Completed", message: "Job completed" }],
    });
  });

  it("does not state failure while pods are still stopping", () => {
    const owner = job({ backoffLimit: 0 });
    const assessment = assess(owner, [pod("bad", { phase: "Failed" }), pod("running", { ready: true })]);
    const account = accountFor(
      assessment,
      { kind: "end", pods: assessment.activePods },
      { created: 0, removed: 1, removedReady: 1 },
    );
    expect(account.status).toMatchObject({
      active: 0,
      ready: 0,
      terminating: 1,
      conditions: [{ type: "FailureTarget", reason: "BackoffLimitExceeded" }],
    });
    expect(closeAccount(owner, account, new Set(), false, nowMs)).toMatchObject({
      isFinished: false,
      status: { failed: 2 },
    });
    const gone = accountFor(
      assess(
        job({ backoffLimit: 0 }, { ...account.status, failed: 2, uncountedTerminatedPods: {} } as Input<JobStatus>),
        [],
      ),
      { kind: "end", pods: [] },
      none,
    );
    const closing = closeAccount(owner, gone, new Set(), false, nowMs);
    expect(closing).toMatchObject({
      isFinished: true,
      status: {
        conditions: [{ type: "FailureTarget" }, { type: "Failed", status: "True", reason: "BackoffLimitExceeded" }],
      },
      events: [
        { type: "Warning", reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" },
      ],
    });
    expect(closing.status.completionTime).toBeUndefined();
  });

  it("does not decide the end while some pods could not be deleted", () => {
    const assessment = assess(job({ backoffLimit: 0 }), [pod("bad", { phase: "Failed" }), pod("running")]);
    const account = accountFor(assessment, { kind: "end", pods: assessment.activePods }, none);
    expect(account.verdict).toBeUndefined();
    expect(account.status.conditions).toEqual([]);
  });

  it("counts a succeeded index once", () => {
    const owner = job(indexed(), { completedIndexes: "0", succeeded: 1 });
    const pods = [pod("again", { index: 0, phase: "Succeeded" }), pod("one", { index: 1, phase: "Succeeded" })];
    expect(accountFor(assess(owner, pods), idle, none).status).toMatchObject({
      succeeded: 2,
      completedIndexes: "0,1",
      uncountedTerminatedPods: {},
    });
  });

  it("notes suspension and resumption, and starts the clock anew", () => {
    const suspended = accountFor(assess(job({ suspend: true }), []), idle, none);
    expect({
      conditions: suspended.status.conditions,
      start: suspended.status.startTime,
      events: suspended.events,
    }).toMatchObject({
      conditions: [{ type: "Suspended", status: "True", reason: "JobSuspended", message: "Job suspended" }],
      start: undefined,
      events: [{ type: "Normal", reason: "Suspended", message: "Job suspended" }],
    });
    const resumed = accountFor(assess(job({}, suspended.status as Input<JobStatus>), []), idle, none);
    expect({
      conditions: resumed.status.conditions,
      start: resumed.status.startTime,
      events: resumed.events,
    }).toMatchObject({
      conditions: [{ type: "Suspended", status: "False", reason: "JobResumed", message: "Job resumed" }],
      start: ago(0),
      events: [{ type: "Normal", reason: "Resumed", message: "Job resumed" }],
    });
  });

  it("lists 500 pods at most, and does not end before the rest", () => {
    const pods = Array.from({ length: 700 }, (_unused, number) => pod(`p${number}`, { phase: "Succeeded" }));
    const owner = job({ completions: 700, parallelism: 700 });
    const account = accountFor(assess(owner, pods), idle, none);
    expect([account.release.length, account.isPartial]).toEqual([500, true]);
    expect(
      closeAccount(owner, account, new Set(pods.slice(500).map(({ metadata }) => metadata.uid)), false, nowMs),
    ).toMatchObject({
      isFinished: false,
      status: { succeeded: 500 },
    });
  });
});
