import { describe, expect, it } from "vitest";
import type { ContainerState, ContainerStatus, PodCondition, PodStatus } from "../../api/types/core-v1.ts";
import { isUrgentChange } from "./urgent-change.ts";

const condition = (type: string, status: "True" | "False", reason?: string): PodCondition => ({
  type,
  status,
  lastProbeTime: null,
  lastTransitionTime: null,
  ...(reason === undefined ? {} : { reason }),
});
const container = (state: ContainerState, changes: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: "web",
  state,
  lastState: {},
  ready: false,
  restartCount: 0,
  image: "",
  imageID: "",
  ...changes,
});
const waiting = (reason: string): ContainerState => ({ waiting: { reason } });
const running: ContainerState = { running: { startedAt: null } };
const ended = (exitCode: number): ContainerState => ({ terminated: { exitCode, startedAt: null, finishedAt: null } });
const main = (...containerStatuses: ContainerStatus[]): PodStatus => ({ phase: "Pending", containerStatuses });
const init = (...initContainerStatuses: ContainerStatus[]): PodStatus => ({ phase: "Pending", initContainerStatuses });

describe("isUrgentChange", () => {
  it.each<{ name: string; before: PodStatus; after: PodStatus; isUrgent: boolean }>([
    { name: "a pod is taken up", before: {}, after: { phase: "Pending" }, isUrgent: false },
    { name: "it has an address", before: main(), after: { ...main(), podIP: "10.0.0.5" }, isUrgent: false },
    { name: "it is being made", before: {}, after: main(container(waiting("ContainerCreating"))), isUrgent: false },
    { name: "it runs", before: { phase: "Pending" }, after: { phase: "Running" }, isUrgent: true },
    { name: "it has failed", before: { phase: "Running" }, after: { phase: "Failed" }, isUrgent: true },
    {
      name: "it is not ready, as before",
      before: {},
      after: { conditions: [condition("Ready", "False")] },
      isUrgent: false,
    },
    {
      name: "it is ready",
      before: { conditions: [condition("Ready", "False")] },
      after: { conditions: [condition("Ready", "True")] },
      isUrgent: true,
    },
    {
      name: "a container cannot go on",
      before: main(container(waiting("ContainerCreating"))),
      after: main(container(waiting("ErrImagePull"))),
      isUrgent: true,
    },
    {
      name: "a container ends",
      before: main(container(running)),
      after: main(container(ended(0))),
      isUrgent: true,
    },
    {
      name: "a container has started",
      before: main(container(running)),
      after: main(container(running, { started: true })),
      isUrgent: true,
    },
    {
      name: "nothing but a message changes",
      before: main(container({ waiting: { reason: "ErrImagePull", message: "a" } })),
      after: main(container({ waiting: { reason: "ErrImagePull", message: "b" } })),
      isUrgent: false,
    },
    { name: "an init container runs", before: init(), after: init(container(running)), isUrgent: false },
    {
      name: "an init container is done",
      before: init(container(running)),
      after: init(container(ended(0))),
      isUrgent: false,
    },
    {
      name: "an init container fails",
      before: init(container(running)),
      after: init(container(ended(1))),
      isUrgent: true,
    },
    {
      name: "an init container cannot go on",
      before: init(container(ended(1))),
      after: init(container(waiting("CrashLoopBackOff"))),
      isUrgent: true,
    },
    {
      name: "a resize has to wait",
      before: {},
      after: { conditions: [condition("PodResizePending", "True")] },
      isUrgent: true,
    },
    {
      name: "a resize begins",
      before: {},
      after: { conditions: [condition("PodResizeInProgress", "True")] },
      isUrgent: false,
    },
    {
      name: "a resize is done",
      before: { conditions: [condition("PodResizeInProgress", "True")] },
      after: {},
      isUrgent: true,
    },
  ])("$name: $isUrgent", ({ before, after, isUrgent }) => {
    expect(isUrgentChange(before, after)).toBe(isUrgent);
  });
});
