import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { ContainerState, ContainerStatus, Pod } from "../../api/types/core-v1.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { type PodPhase, podPhase } from "./pod-phase.ts";

const running: ContainerState = { running: { startedAt: null } };
const waiting: ContainerState = { waiting: {} };
const ended = (exitCode: number): ContainerState => ({ terminated: { exitCode, startedAt: null, finishedAt: null } });
const status = (name: string, state: ContainerState, changes: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name,
  state,
  lastState: {},
  ready: false,
  restartCount: 0,
  image: "",
  imageID: "",
  ...changes,
});

interface Case {
  readonly name: string;
  readonly policy?: "Always" | "OnFailure" | "Never";
  readonly spec?: Partial<Input<Pod["spec"]>>;
  readonly statuses: readonly ContainerStatus[];
  readonly isOver?: boolean;
  readonly wasInitialized?: boolean;
  readonly phase: PodPhase;
}

const two = {
  containers: [
    { name: "a", image: "a:1" },
    { name: "b", image: "b:1" },
  ],
};
const init = { initContainers: [{ name: "init", image: "i:1" }], containers: [{ name: "a", image: "a:1" }] };
const sidecar = {
  initContainers: [{ name: "proxy", image: "p:1", restartPolicy: "Always" as const }],
  containers: [{ name: "a", image: "a:1" }],
};

const cases: readonly Case[] = [
  { name: "nothing is known", statuses: [], phase: "Pending" },
  { name: "one waits", statuses: [status("a", running), status("b", waiting)], phase: "Pending" },
  { name: "all run", statuses: [status("a", running), status("b", running)], phase: "Running" },
  {
    name: "one of two has ended",
    policy: "Never",
    statuses: [status("a", running), status("b", ended(1))],
    phase: "Running",
  },
  { name: "all ended and are restarted", statuses: [status("a", ended(0)), status("b", ended(1))], phase: "Running" },
  {
    name: "one waits to be started again",
    statuses: [status("a", waiting, { lastState: ended(1) }), status("b", ended(0))],
    phase: "Running",
  },
  {
    name: "all succeeded",
    policy: "OnFailure",
    statuses: [status("a", ended(0)), status("b", ended(0))],
    phase: "Succeeded",
  },
  {
    name: "one failed, and may be tried again",
    policy: "OnFailure",
    statuses: [status("a", ended(0)), status("b", ended(1))],
    phase: "Running",
  },
  {
    name: "one failed for good",
    policy: "Never",
    statuses: [status("a", ended(0)), status("b", ended(1))],
    phase: "Failed",
  },
  {
    name: "all ended and nothing is started again",
    isOver: true,
    statuses: [status("a", ended(0)), status("b", ended(0))],
    phase: "Succeeded",
  },
  { name: "init runs", spec: init, statuses: [status("init", running), status("a", waiting)], phase: "Pending" },
  {
    name: "init failed and is tried again",
    spec: init,
    statuses: [status("init", ended(1)), status("a", waiting)],
    phase: "Pending",
  },
  {
    name: "init failed for good",
    spec: init,
    policy: "Never",
    statuses: [status("init", ended(1)), status("a", waiting)],
    phase: "Failed",
  },
  { name: "init completed", spec: init, statuses: [status("init", ended(0)), status("a", running)], phase: "Running" },
  {
    name: "a sidecar has not started",
    spec: sidecar,
    statuses: [status("proxy", running), status("a", waiting)],
    phase: "Pending",
  },
  {
    name: "a sidecar has started and the rest runs",
    spec: sidecar,
    statuses: [status("proxy", running, { started: true }), status("a", running)],
    phase: "Running",
  },
  {
    name: "the work is done, the sidecar still ends",
    spec: sidecar,
    policy: "Never",
    wasInitialized: true,
    statuses: [status("proxy", running, { started: true }), status("a", ended(0))],
    phase: "Running",
  },
  {
    name: "the work is done, and the sidecar has been killed",
    spec: sidecar,
    policy: "Never",
    wasInitialized: true,
    statuses: [status("proxy", ended(137)), status("a", ended(0))],
    phase: "Succeeded",
  },
];

describe("podPhase", () => {
  it.each(cases)(
    "$name: $phase",
    ({ policy = "Always", spec = two, statuses, isOver = false, wasInitialized = false, phase }) => {
      const pod = buildPod({ spec: { ...spec, restartPolicy: policy } });
      expect(podPhase(pod, statuses, isOver, wasInitialized)).toBe(phase);
    },
  );
});
