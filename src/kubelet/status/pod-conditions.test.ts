import { describe, expect, it } from "vitest";
import type { ContainerStatus, PodCondition } from "../../api/types/core-v1.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { type ConditionContext, containersReady, podInitialized, podReady } from "./pod-conditions.ts";

const status = (name: string, changes: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name,
  state: { waiting: {} },
  lastState: {},
  ready: false,
  restartCount: 0,
  image: "",
  imageID: "",
  ...changes,
});
const pod = buildPod({
  spec: {
    initContainers: [
      { name: "init", image: "i:1" },
      { name: "proxy", image: "p:1", restartPolicy: "Always" },
    ],
    containers: [
      { name: "a", image: "a:1" },
      { name: "b", image: "b:1" },
    ],
    readinessGates: [{ conditionType: "one" }, { conditionType: "two" }],
  },
});
const context = (statuses: readonly ContainerStatus[], changes: Partial<ConditionContext> = {}): ConditionContext => ({
  pod,
  phase: "Running",
  statuses,
  before: {},
  ...changes,
});
const ready = ["init", "proxy", "a", "b"].map((name) => status(name, { ready: true, started: true }));

describe("containersReady", () => {
  it.each([
    { name: "all are ready", given: context(ready), finding: { status: "True" } },
    {
      name: "some are not, some are not known",
      given: context([status("proxy"), status("a")]),
      finding: {
        status: "False",
        reason: "ContainersNotReady",
        message: "containers with unknown status: [b], containers with unready status: [proxy a]",
      },
    },
    {
      name: "the pod is done",
      given: context(ready, { phase: "Succeeded" }),
      finding: { status: "False", reason: "PodCompleted" },
    },
    {
      name: "the pod has failed",
      given: context(ready, { phase: "Failed" }),
      finding: { status: "False", reason: "PodFailed" },
    },
  ])("$name", ({ given, finding }) => {
    expect(containersReady(given)).toEqual(finding);
  });
});

describe("podReady", () => {
  it("needs every readiness gate", () => {
    const gate = (type: string, value: "True" | "False"): PodCondition => ({
      type,
      status: value,
      lastProbeTime: null,
      lastTransitionTime: null,
    });
    expect(podReady(context(ready), [gate("one", "True"), gate("two", "True")])).toEqual({ status: "True" });
    expect(podReady(context(ready), [gate("two", "False")])).toEqual({
      status: "False",
      reason: "ReadinessGatesNotReady",
      message:
        'corresponding condition of pod readiness gate "one" does not exist., the status of pod readiness gate "two" is not "True", but False',
    });
  });
});

describe("podInitialized", () => {
  const initialized = {
    conditions: [{ type: "Initialized", status: "True", lastProbeTime: null, lastTransitionTime: null }],
  } as const;
  it.each([
    {
      name: "an init container is not done, a sidecar not up",
      given: context([status("init"), status("proxy")]),
      finding: {
        status: "False",
        reason: "ContainersNotInitialized",
        message: "containers with incomplete status: [init proxy]",
      },
    },
    { name: "all done", given: context(ready), finding: { status: "True" } },
    {
      name: "a container has run: they must have been done",
      given: context([status("init"), status("proxy"), status("a", { state: { running: { startedAt: null } } })]),
      finding: { status: "True" },
    },
    {
      name: "once true it stays so",
      given: context([status("init"), status("proxy")], { before: initialized }),
      finding: { status: "True" },
    },
    {
      name: "the pod is done",
      given: context(ready, { phase: "Succeeded" }),
      finding: { status: "True", reason: "PodCompleted" },
    },
  ])("$name", ({ given, finding }) => {
    expect(podInitialized(given)).toEqual(finding);
  });
});
