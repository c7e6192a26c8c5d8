import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type KubeletHarness, startKubeletHarness } from "../testing/kubelet-harness.ts";
import { type ContainerRequest, NodeApiError } from "./node-api.ts";

let agent: KubeletHarness;
beforeEach(async () => {
  agent = await startKubeletHarness();
});
afterEach(() => agent.stop());

const request: ContainerRequest = { namespace: "default", name: "web", container: "web" };
const log = { ...request, previous: false };
const previous = { ...request, previous: true };

function errorOf(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof NodeApiError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("findLog", () => {
  it("finds the log of the running attempt, and that of the one before", async () => {
    await agent.createPod();
    await agent.run(1_000);
    const { uid } = (await agent.pod()).metadata;
    const folder = `/var/log/pods/default_web_${uid}/web`;
    expect(agent.kubelet.api.findLog(log)).toEqual({ containerId: "web-2", path: `${folder}/0.log`, isRunning: true });
    agent.runtime.exit("web", 1);
    await agent.run(1_000);
    expect(agent.kubelet.api.findLog(log)).toEqual({ containerId: "web-3", path: `${folder}/1.log`, isRunning: true });
    expect(agent.kubelet.api.findLog(previous)).toEqual({
      containerId: "web-2",
      path: `${folder}/0.log`,
      isRunning: false,
    });
  });

  it("finds the log of the last attempt while the next has to wait", async () => {
    await agent.createPod();
    await agent.run(1_000);
    for (const code of [1, 2]) {
      agent.runtime.exit("web", code);
      await agent.run(1_000);
    }
    expect(agent.kubelet.api.findLog(log)).toMatchObject({ containerId: "web-3", isRunning: false });
  });

  it("says why there is none", async () => {
    const { api } = agent.kubelet;
    expect(errorOf(() => api.findLog(log))).toEqual({ code: "notFound", message: 'pod "web" does not exist' });
    agent.runtime.faults.runSandbox = () => new Promise(() => undefined);
    await agent.createPod();
    await agent.run(1_500);
    expect(errorOf(() => api.findLog(log))).toEqual({
      code: "badRequest",
      message: 'container "web" in pod "web" is waiting to start: ContainerCreating',
    });
    expect(errorOf(() => api.findLog(previous))).toEqual({
      code: "badRequest",
      message: 'previous terminated container "web" in pod "web" not found',
    });
    expect(errorOf(() => api.findLog({ ...log, container: "no" }))).toEqual({
      code: "notFound",
      message: 'container "no" not found in pod "web"',
    });
  });

  it.each([
    { afterMs: 500, message: 'container "web" in pod "web" is waiting to start: image can\'t be pulled' },
    { afterMs: 5_000, message: 'container "web" in pod "web" is waiting to start: trying and failing to pull image' },
  ])("tells of an image that cannot be had: $message", async ({ afterMs, message }) => {
    await agent.createPod({ spec: { containers: [{ name: "web", image: "none:1" }] } });
    await agent.run(afterMs);
    expect(errorOf(() => agent.kubelet.api.findLog(log))).toEqual({ code: "badRequest", message });
  });
});

describe("the other searches", () => {
  it("find what runs", async () => {
    await agent.createPod({ spec: { containers: [{ name: "web", image: "web:1", tty: true, stdin: true }] } });
    await agent.run(1_000);
    const { api } = agent.kubelet;
    expect(api.findExec(request)).toEqual({ containerId: "web-2" });
    expect(api.findAttach(request)).toEqual({ containerId: "web-2", tty: true, stdin: true });
    expect(api.findPortForward(request)).toEqual({ sandboxId: "sandbox-1" });
    expect(api.pods().map(({ metadata, status }) => [metadata.name, status.phase])).toEqual([["web", "Running"]]);
    expect(api.runningPods()).toHaveLength(1);
  });

  it("say what does not", async () => {
    const { api } = agent.kubelet;
    expect(errorOf(() => api.findExec(request))).toEqual({ code: "notFound", message: "pod does not exist" });
    agent.runtime.faults.runSandbox = () => new Promise(() => undefined);
    await agent.createPod();
    await agent.run(1_500);
    expect(errorOf(() => api.findExec(request))).toEqual({
      code: "internal",
      message: 'container not found ("web")',
    });
    expect(errorOf(() => api.findAttach(request))).toEqual({
      code: "internal",
      message: "container web not found in pod web_default",
    });
    expect(errorOf(() => api.findPortForward(request))).toEqual({
      code: "internal",
      message: 'pod not found ("web_default")',
    });
    expect(errorOf(() => api.findExec({ ...request, uid: "another" }))).toEqual({
      code: "notFound",
      message: "pod does not exist",
    });
  });
});
