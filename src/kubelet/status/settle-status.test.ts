import { describe, expect, it } from "vitest";
import type { ContainerState, ContainerStatus, PodCondition, PodStatus } from "../../api/types/core-v1.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { finishStatus, isIllegalChange, mergeStatus, stampStatus } from "./settle-status.ts";

const nowMs = Date.UTC(2026, 0, 1, 12);
const now = "2026-01-01T12:00:00Z";
const before = "2026-01-01T00:00:00Z";
const condition = (type: string, status: "True" | "False", lastTransitionTime: string | null): PodCondition => ({
  type,
  status,
  lastProbeTime: null,
  lastTransitionTime,
});
const running: ContainerState = { running: { startedAt: before } };
const ended: ContainerState = { terminated: { exitCode: 1, startedAt: before, finishedAt: before } };
const container = (name: string, state: ContainerState): ContainerStatus => ({
  name,
  state,
  lastState: {},
  ready: false,
  restartCount: 0,
  image: "",
  imageID: "",
});
const never = buildPod({ spec: { restartPolicy: "Never", containers: [{ name: "web", image: "web:1" }] } });

describe("stampStatus", () => {
  it("gives new times only to what has changed", () => {
    const known: PodStatus = {
      startTime: before,
      observedGeneration: 3,
      conditions: [condition("Ready", "True", before), condition("Initialized", "False", before)],
    };
    const fresh: PodStatus = {
      observedGeneration: 2,
      conditions: [condition("Ready", "True", null), condition("Initialized", "True", null)],
    };
    expect(stampStatus(buildPod(), fresh, known, nowMs)).toEqual({
      startTime: before,
      observedGeneration: 3,
      conditions: [condition("Ready", "True", before), condition("Initialized", "True", now)],
    });
    expect(stampStatus(buildPod(), {}, {}, nowMs).startTime).toBe(now);
  });

  it("cuts last words so that those of all containers fit", () => {
    const pod = buildPod({
      spec: { containers: Array.from({ length: 6 }, (_, index) => ({ name: `c${index}`, image: "web:1" })) },
    });
    const message = "x".repeat(4096);
    const state: ContainerState = { terminated: { exitCode: 1, message, startedAt: before, finishedAt: before } };
    const { containerStatuses } = stampStatus(pod, { containerStatuses: [container("c0", state)] }, {}, nowMs);
    expect(containerStatuses?.[0]?.state.terminated?.message).toHaveLength(2048);
  });
});

describe("isIllegalChange", () => {
  const from = { containerStatuses: [container("web", ended)] };
  const to = { containerStatuses: [container("web", running)] };
  it("is to bring a container back that has ended for good", () => {
    expect(isIllegalChange(never, from, to)).toBe(true);
    expect(isIllegalChange(never, to, from)).toBe(false);
    expect(isIllegalChange(buildPod(), from, to)).toBe(false);
  });
});

describe("finishStatus", () => {
  it("counts what is not known of containers as a failure", () => {
    expect(finishStatus(never, { phase: "Running", containerStatuses: [container("web", running)] })).toEqual({
      phase: "Failed",
      containerStatuses: [
        container("web", {
          terminated: {
            exitCode: 137,
            reason: "ContainerStatusUnknown",
            message: "The container could not be located when the pod was terminated",
            startedAt: null,
            finishedAt: null,
          },
        }),
      ],
    });
  });

  it("leaves what has ended as it is", () => {
    const status: PodStatus = { phase: "Succeeded", containerStatuses: [container("web", ended)] };
    expect(finishStatus(never, status)).toEqual(status);
  });

  it("leaves containers that were never reached", () => {
    const pod = buildPod({
      spec: { initContainers: [{ name: "init", image: "i:1" }], containers: [{ name: "web", image: "web:1" }] },
    });
    const waiting: ContainerState = { waiting: { reason: "PodInitializing" } };
    const finished = finishStatus(pod, {
      initContainerStatuses: [container("init", running)],
      containerStatuses: [container("web", waiting)],
    });
    expect(finished.initContainerStatuses?.[0]?.state.terminated?.exitCode).toBe(137);
    expect(finished.containerStatuses?.[0]?.state).toEqual(waiting);
  });
});

describe("finishStatus of a pod with init containers", () => {
  const waiting: ContainerState = { waiting: { reason: "PodInitializing" } };
  const initEnded: ContainerState = { terminated: { exitCode: 0, startedAt: before, finishedAt: before } };
  const podWith = (restartPolicy: "Always" | undefined, known: PodStatus) =>
    buildPod({
      spec: {
        initContainers: [{ name: "init", image: "i:1", ...(restartPolicy === undefined ? {} : { restartPolicy }) }],
        containers: [{ name: "web", image: "web:1" }],
      },
      status: known as never,
    });
  it.each<{ name: string; policy?: "Always"; known: PodStatus; isReached: boolean }>([
    { name: "the API knows nothing of them", known: {}, isReached: false },
    { name: "the last is done", known: { initContainerStatuses: [container("init", initEnded)] }, isReached: true },
    { name: "the last failed", known: { initContainerStatuses: [container("init", ended)] }, isReached: false },
    {
      name: "the last is a sidecar that runs",
      policy: "Always",
      known: { initContainerStatuses: [{ ...container("init", running), started: true }] },
      isReached: true,
    },
    {
      name: "the last is a sidecar that has not started",
      policy: "Always",
      known: { initContainerStatuses: [container("init", running)] },
      isReached: false,
    },
    {
      name: "a container has run",
      known: {
        initContainerStatuses: [container("init", waiting)],
        containerStatuses: [container("web", running)],
      },
      isReached: true,
    },
  ])("counts containers as lost only once they were reached: $name", ({ policy, known, isReached }) => {
    const finished = finishStatus(podWith(policy, known), { containerStatuses: [container("web", waiting)] });
    expect(finished.containerStatuses?.[0]?.state.terminated !== undefined).toBe(isReached);
  });
});

describe("mergeStatus", () => {
  const readiness = [condition("Ready", "True", before), condition("ContainersReady", "True", before)];

  it("keeps the conditions of others, as they are now", () => {
    const current: PodStatus = {
      conditions: [condition("example.com/ok", "True", now), condition("Ready", "False", before)],
    };
    const wanted: PodStatus = {
      conditions: [condition("example.com/ok", "False", before), condition("Ready", "True", now)],
    };
    expect(mergeStatus(current, wanted, true, nowMs).conditions).toEqual([
      condition("example.com/ok", "True", now),
      condition("Ready", "True", now),
    ]);
  });

  it("holds a final phase back while containers may run", () => {
    const current: PodStatus = { phase: "Running" };
    const wanted: PodStatus = { phase: "Failed", reason: "Evicted", message: "low", conditions: readiness };
    expect(mergeStatus(current, wanted, true, nowMs)).toEqual({ phase: "Running", conditions: readiness });
    const reason = "PodFailed";
    expect(mergeStatus(current, wanted, false, nowMs)).toEqual({
      phase: "Failed",
      reason: "Evicted",
      message: "low",
      conditions: [
        { ...condition("Ready", "False", now), reason },
        { ...condition("ContainersReady", "False", now), reason },
      ],
    });
  });

  it("tells of a disruption together with the end that it brings", () => {
    const disruption = { ...condition("DisruptionTarget", "True", null), reason: "TerminationByKubelet" };
    const wanted: PodStatus = { phase: "Failed", conditions: [disruption] };
    expect(mergeStatus({ phase: "Running" }, wanted, true, nowMs).conditions).toEqual([]);
    expect(mergeStatus({ phase: "Running" }, wanted, false, nowMs).conditions).toEqual([
      { ...disruption, lastTransitionTime: now },
    ]);
  });
});
