import { describe, expect, it } from "vitest";
import { buildContainer, buildSandbox } from "../../testing/build-observed.ts";
import { buildPod } from "../../testing/build-pod.ts";
import type { ContainerState } from "../runtime.ts";
import { planGarbage } from "./plan-garbage.ts";

const pod = buildPod();
const made = (state: ContainerState["state"], attempt: number, sandboxId = "sandbox-0") =>
  buildContainer(pod, "web", { state, attempt, sandboxId });
const dead = (id: string) => buildSandbox({ id, ready: false });

describe("planGarbage", () => {
  it.each([
    { name: "one runs", containers: [made("running", 0)], removed: [] },
    { name: "one runs, one has ended", containers: [made("running", 1), made("exited", 0)], removed: [] },
    {
      name: "one runs, several have ended: the newest of them stays",
      containers: [made("running", 3), made("exited", 2), made("exited", 1), made("exited", 0)],
      removed: ["web-1", "web-0"],
    },
    { name: "all have ended", containers: [made("exited", 2), made("exited", 1)], removed: ["web-1"] },
    {
      name: "the newest is not started yet: the last that ran stays",
      containers: [made("created", 2), made("exited", 1), made("created", 0)],
      removed: ["web-0"],
    },
    { name: "nobody knows what became of one", containers: [made("running", 1), made("unknown", 0)], removed: [] },
  ])("$name", ({ containers, removed }) => {
    expect(planGarbage({ containers, sandboxes: [buildSandbox()] })).toEqual({ containers: removed, sandboxes: [] });
  });

  it("removes old dead sandboxes of which nothing is kept", () => {
    const containers = [made("running", 2, "new"), made("exited", 1, "old"), made("exited", 0, "older")];
    expect(planGarbage({ containers, sandboxes: [buildSandbox({ id: "new" }), dead("old"), dead("older")] })).toEqual({
      containers: ["web-0"],
      sandboxes: ["older"],
    });
    expect(planGarbage({ containers: [], sandboxes: [dead("last"), dead("older")] }).sandboxes).toEqual(["older"]);
  });
});
