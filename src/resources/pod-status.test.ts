import { describe, expect, it } from "vitest";
import type { PodCondition } from "../api/types/core-v1.ts";
import { shouldRestart } from "./container-restart.ts";
import { isPodAvailable, isPodReady, resolvePodPort, withPodCondition } from "./pod-status.ts";

const condition = (fields: Partial<PodCondition>): PodCondition => ({
  type: "Ready",
  status: "True",
  lastProbeTime: null,
  lastTransitionTime: "2026-01-01T00:00:00Z",
  ...fields,
});

describe("pod condition", () => {
  it("keeps its transition time while its status stays, and its list while nothing changes", () => {
    const present = [condition({ type: "Initialized" }), condition({})];
    const later = "2026-01-02T00:00:00Z";
    expect(withPodCondition(present, condition({ lastTransitionTime: later }))).toBe(present);
    expect(withPodCondition(present, condition({ reason: "x", lastTransitionTime: later }))).toEqual([
      present[0],
      condition({ reason: "x" }),
    ]);
    expect(withPodCondition(present, condition({ status: "False", lastTransitionTime: later }))).toEqual([
      present[0],
      condition({ status: "False", lastTransitionTime: later }),
    ]);
    expect(withPodCondition(undefined, condition({}))).toEqual([condition({})]);
  });

  it("makes a pod ready at once and available after a while", () => {
    const pod = { status: { conditions: [condition({})] } };
    const at = (seconds: number): number => Date.UTC(2026, 0, 1, 0, 0, seconds);
    expect([
      isPodReady(pod),
      isPodAvailable(pod, 0, at(0)),
      isPodAvailable(pod, 10, at(9)),
      isPodAvailable(pod, 10, at(10)),
    ]).toEqual([true, true, false, true]);
  });
});

describe("port of a pod", () => {
  const spec = {
    containers: [
      {
        name: "a",
        resources: {},
        ports: [
          { name: "web", containerPort: 8080 },
          { name: "dns", containerPort: 53, protocol: "UDP" as const },
        ],
      },
    ],
    initContainers: [
      { name: "i", resources: {}, ports: [{ name: "init", containerPort: 1 }] },
      { name: "s", resources: {}, restartPolicy: "Always", ports: [{ name: "side", containerPort: 2 }] },
    ],
  };
  it.each([
    ["a number", 99, "TCP", 99],
    ["a name", "web", "TCP", 8080],
    ["a name of another protocol", "dns", "TCP", undefined],
    ["a name of that protocol", "dns", "UDP", 53],
    ["a sidecar's name", "side", "TCP", 2],
    ["an init container's name", "init", "TCP", undefined],
  ])("by %s", (_name, port, protocol, expected) => {
    expect(resolvePodPort(spec, port, protocol)).toBe(expected);
  });
});

describe("container that ended", () => {
  const rule = (action: string, operator: string, ...values: number[]) => ({ action, exitCodes: { operator, values } });
  it.each([
    ["in a pod that always restarts", {}, "Always", 0, true],
    ["well, in a pod that restarts on failure", {}, "OnFailure", 0, false],
    ["badly, in a pod that restarts on failure", {}, "OnFailure", 1, true],
    ["in a pod that never restarts", {}, "Never", 1, false],
    ["with a policy of its own", { restartPolicy: "Always" }, "Never", 0, true],
    [
      "with a rule that is met",
      { restartPolicy: "Never", restartPolicyRules: [rule("Restart", "In", 42)] },
      "Never",
      42,
      true,
    ],
    [
      "with a rule that is not met",
      { restartPolicy: "Never", restartPolicyRules: [rule("Restart", "NotIn", 42)] },
      "Always",
      42,
      false,
    ],
  ] as const)("%s", (_name, container, restartPolicy, exitCode, expected) => {
    expect(shouldRestart(container, { restartPolicy }, exitCode)).toBe(expected);
  });
});
