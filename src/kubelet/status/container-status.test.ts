import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { Pod, PodStatus } from "../../api/types/core-v1.ts";
import { buildContainer } from "../../testing/build-observed.ts";
import { buildPod } from "../../testing/build-pod.ts";
import type { ContainerState } from "../runtime.ts";
import { containerStatuses, type StatusContext } from "./container-status.ts";

const startedAt = "2026-01-01T00:00:01Z";
const finishedAt = "2026-01-01T00:00:11Z";

/** The status of the container `web`. */
function statusOf(
  known: readonly ContainerState[],
  before: Partial<PodStatus> = {},
  changes: Partial<StatusContext> = {},
  pod: Pod = buildPod(),
) {
  return containerStatuses(pod, "containers", {
    observed: { sandboxes: [], containers: known },
    before,
    startFailures: new Map(),
    isRestartingAll: false,
    supportsRecursiveReadOnly: true,
    resourcesInForce: (container) => container.resources,
    ...changes,
  })[0];
}

const pod = buildPod();
const running = buildContainer(pod, "web");
const ended = (attempt: number, exitCode = 0) => buildContainer(pod, "web", { attempt, state: "exited", exitCode });
const restarted = buildContainer(pod, "web", {
  attempt: 1,
  annotations: { "io.kubernetes.container.restartCount": "1" },
});
const reported = (status: object): Partial<PodStatus> => ({
  containerStatuses: [
    { name: "web", image: "", imageID: "", state: {}, lastState: {}, ready: false, restartCount: 0, ...status },
  ],
});

describe("containerStatuses", () => {
  it("tell of a container that runs", () => {
    expect(statusOf([{ ...running, user: { uid: 5, gid: 6, supplementalGroups: [7] } }])).toEqual({
      name: "web",
      state: { running: { startedAt } },
      lastState: {},
      ready: false,
      restartCount: 0,
      image: "web:1",
      imageID: "web:1@sha256:0123",
      containerID: "containerd://web-0",
      resources: {},
      user: { linux: { uid: 5, gid: 6, supplementalGroups: [7] } },
    });
  });

  it("tell of one that ended", () => {
    expect(statusOf([{ ...ended(0, 3), message: "gave up" }])?.state).toEqual({
      terminated: {
        exitCode: 3,
        reason: "Error",
        message: "gave up",
        startedAt,
        finishedAt,
        containerID: "containerd://web-0",
      },
    });
  });

  it.each<{ name: string; known?: ContainerState[]; before?: Partial<PodStatus>; status: object }>([
    { name: "nothing is known", status: { state: { waiting: { reason: "ContainerCreating" } }, restartCount: 0 } },
    {
      name: "it runs again: how it ended before",
      known: [restarted, ended(0, 1)],
      status: { state: { running: { startedAt } }, lastState: { terminated: { exitCode: 1 } }, restartCount: 1 },
    },
    {
      name: "the runtime has lost the attempt before: what was reported",
      known: [restarted],
      before: reported({
        containerID: "containerd://web-0",
        state: { terminated: { exitCode: 9, startedAt, finishedAt } },
      }),
      status: { lastState: { terminated: { exitCode: 9 } }, restartCount: 1 },
    },
    {
      name: "the runtime has lost a container that ended: it is reported as before",
      before: reported({ state: { terminated: { exitCode: 0, startedAt, finishedAt } }, restartCount: 3 }),
      status: { state: { terminated: { exitCode: 0 } }, restartCount: 3 },
    },
    {
      name: "the runtime has lost a container that ran: it counts as killed",
      before: reported({ state: { running: { startedAt } }, restartCount: 2 }),
      status: {
        state: { waiting: { reason: "ContainerCreating" } },
        lastState: {
          terminated: {
            exitCode: 137,
            reason: "ContainerStatusUnknown",
            message: "The container could not be located when the pod was deleted.  The container used to be Running",
            startedAt: null,
            finishedAt: null,
          },
        },
        restartCount: 3,
      },
    },
    {
      name: "nobody knows what became of it",
      known: [buildContainer(pod, "web", { state: "unknown" })],
      before: reported({ containerID: "containerd://web-0", state: { running: { startedAt } } }),
      status: {
        state: { terminated: { exitCode: 137, reason: "ContainerStatusUnknown" } },
        restartCount: 1,
      },
    },
    {
      name: "counts never go back",
      known: [running],
      before: reported({ restartCount: 5, containerID: "containerd://web-0" }),
      status: { restartCount: 5 },
    },
    {
      name: "a new one after an end counts, though its like are forgotten",
      known: [buildContainer(pod, "web", { id: "web-9" })],
      before: reported({
        restartCount: 5,
        containerID: "containerd://web-4",
        state: { terminated: { exitCode: 1, startedAt, finishedAt } },
      }),
      status: { restartCount: 6, lastState: { terminated: { exitCode: 1 } } },
    },
    {
      name: "a container that had started still has",
      known: [running],
      before: reported({ containerID: "containerd://web-0", started: true }),
      status: { started: true },
    },
  ])("$name", ({ known = [], before = {}, status }) => {
    expect(statusOf(known, before)).toMatchObject(status);
  });

  it("show why a container that ended is not started again, and how it ended", () => {
    const failure = { reason: "CrashLoopBackOff", message: "back-off" };
    const startFailures = new Map([["web", failure]]);
    expect(statusOf([ended(0, 1)], {}, { startFailures })).toMatchObject({
      state: { waiting: failure },
      lastState: { terminated: { exitCode: 1 } },
    });
    expect(statusOf([running], {}, { startFailures })?.state.running).toBeDefined();
    const never = buildPod({ spec: { restartPolicy: "Never", containers: [{ name: "web", image: "web:1" }] } });
    expect(statusOf([ended(0, 1)], {}, { startFailures }, never)?.state.terminated?.exitCode).toBe(1);
  });

  it("say that all containers are being started over", () => {
    const before = reported({ state: { running: { startedAt } }, restartCount: 2 });
    const message = "The container is removed because RestartAllContainers in place";
    expect(statusOf([], before, { isRestartingAll: true })).toMatchObject({
      state: { waiting: { reason: "RestartingAllContainers", message } },
      lastState: { terminated: { exitCode: 137, reason: "RestartingAllContainers" } },
      restartCount: 3,
    });
  });

  it("tell of resources and of how volumes are mounted", () => {
    const container: Input<Pod["spec"]["containers"][number]> = {
      name: "web",
      image: "web:1",
      resources: { requests: { cpu: "1" } },
      volumeMounts: [
        { name: "a", mountPath: "/a" },
        { name: "b", mountPath: "/b", readOnly: true, recursiveReadOnly: "IfPossible" },
        { name: "c", mountPath: "/c", readOnly: true },
      ],
    };
    const subject = buildPod({ spec: { containers: [container] } });
    expect(statusOf([running], {}, {}, subject)).toMatchObject({
      allocatedResources: { cpu: "1" },
      resources: { requests: { cpu: "1" } },
      volumeMounts: [
        { name: "a", mountPath: "/a" },
        { name: "b", mountPath: "/b", readOnly: true, recursiveReadOnly: "Enabled" },
        { name: "c", mountPath: "/c", readOnly: true, recursiveReadOnly: "Disabled" },
      ],
    });
  });

  it("take an init container for completed of which nothing is left while containers run", () => {
    const subject = buildPod({
      spec: { initContainers: [{ name: "init", image: "i:1" }], containers: [{ name: "web", image: "web:1" }] },
    });
    const [status] = containerStatuses(subject, "initContainers", {
      observed: { sandboxes: [], containers: [buildContainer(subject, "web")] },
      before: {},
      startFailures: new Map(),
      isRestartingAll: false,
      supportsRecursiveReadOnly: true,
      resourcesInForce: (container) => container.resources,
    });
    expect(status?.state.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
  });
});
