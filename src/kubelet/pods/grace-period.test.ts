import { describe, expect, it } from "vitest";
import type { Container, Pod } from "../../api/types/core-v1.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { containerGraceSeconds, podGraceSeconds } from "./grace-period.ts";
import { planTerminationOrder } from "./termination-order.ts";

const probe = { exec: { command: ["ok"] }, terminationGracePeriodSeconds: 5 };
const pod = (deletionGracePeriodSeconds?: number) =>
  buildPod({
    metadata: deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds },
    spec: {
      terminationGracePeriodSeconds: 40,
      containers: [{ name: "web", image: "web:1", livenessProbe: probe }],
    },
  });
const web = (subject: Pod) => subject.spec.containers[0] as Container;

describe("containerGraceSeconds", () => {
  it.each([
    { name: "what the pod says", subject: pod(), reason: "podStops", seconds: 40 },
    { name: "what the deletion says", subject: pod(7), reason: "podStops", seconds: 7 },
    { name: "what the probe says", subject: pod(), reason: "livenessProbe", seconds: 5 },
    { name: "another probe's word does not count", subject: pod(), reason: "startupProbe", seconds: 40 },
    { name: "the deletion counts more than the probe", subject: pod(7), reason: "livenessProbe", seconds: 7 },
  ] as const)("$name", ({ subject, reason, seconds }) => {
    expect(containerGraceSeconds(subject, web(subject), reason)).toBe(seconds);
  });
});

describe("podGraceSeconds", () => {
  it.each([
    { name: "what the pod says", before: 0, subject: pod(), wish: undefined, seconds: 40 },
    { name: "the deletion's", before: 0, subject: pod(7), wish: undefined, seconds: 7 },
    { name: "the agent's own wish", before: 0, subject: pod(), wish: 3, seconds: 3 },
    { name: "the shorter of both", before: 0, subject: pod(7), wish: 9, seconds: 7 },
    { name: "it never grows", before: 4, subject: pod(7), wish: undefined, seconds: 4 },
    { name: "it may shrink", before: 4, subject: pod(2), wish: undefined, seconds: 2 },
    { name: "never less than a second", before: 0, subject: pod(0), wish: undefined, seconds: 1 },
  ])("$name", ({ before, subject, wish, seconds }) => {
    expect(podGraceSeconds(before, subject, wish)).toBe(seconds);
  });
});

describe("planTerminationOrder", () => {
  it("makes sidecars wait for all containers and for the sidecars behind them", () => {
    const sidecar = (name: string) => ({ name, image: "p:1", restartPolicy: "Always" as const });
    const subject = buildPod({
      spec: {
        initContainers: [sidecar("one"), { name: "init", image: "i:1" }, sidecar("two"), sidecar("three")],
        containers: [
          { name: "web", image: "web:1" },
          { name: "db", image: "db:1" },
        ],
      },
    });
    expect(planTerminationOrder(subject, new Set(["one", "init", "two", "web", "db"]))).toEqual(
      new Map([
        ["web", []],
        ["db", []],
        ["two", ["web", "db"]],
        ["init", []],
        ["one", ["web", "db", "two"]],
      ]),
    );
  });
});
