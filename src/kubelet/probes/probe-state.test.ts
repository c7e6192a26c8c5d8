import { describe, expect, it } from "vitest";
import { renderHttpRequest, resolveContainerPort } from "./http-request.ts";
import { afterProbe, initialProbeState, type ProbeType } from "./probe-state.ts";

const probe = { successThreshold: 2, failureThreshold: 3 };
const run = (type: ProbeType, results: string) =>
  [...results].reduce(
    (state, result) => afterProbe(state, type, probe, result === "+" ? "success" : "failure"),
    initialProbeState(type, false, false),
  );

describe("afterProbe", () => {
  it.each([
    { name: "nothing yet", type: "readiness", results: "", verdict: "failure", isOnHold: false },
    { name: "one success is not enough", type: "readiness", results: "+", verdict: "failure", isOnHold: false },
    { name: "enough successes", type: "readiness", results: "++", verdict: "success", isOnHold: false },
    { name: "failures in a row", type: "readiness", results: "++---", verdict: "failure", isOnHold: false },
    {
      name: "failures that are interrupted",
      type: "readiness",
      results: "++--+--",
      verdict: "success",
      isOnHold: false,
    },
    { name: "a container lives until it fails", type: "liveness", results: "", verdict: "success", isOnHold: false },
    { name: "a start is not known", type: "startup", results: "--", verdict: "unknown", isOnHold: false },
    { name: "a start that failed", type: "startup", results: "---", verdict: "failure", isOnHold: true },
    { name: "a start that succeeded", type: "startup", results: "++", verdict: "success", isOnHold: true },
    { name: "a life that failed", type: "liveness", results: "---", verdict: "failure", isOnHold: true },
  ] as const)("$name: $verdict", ({ type, results, verdict, isOnHold }) => {
    expect(run(type, results)).toMatchObject({ verdict, isOnHold });
  });
});

describe("initialProbeState", () => {
  it("of a container that ran before the agent knows nothing, but that it has started", () => {
    expect(initialProbeState("readiness", true, true).verdict).toBeUndefined();
    expect(initialProbeState("startup", true, false).verdict).toBeUndefined();
    expect(initialProbeState("startup", true, true)).toMatchObject({ verdict: "success", isOnHold: true });
  });
});

describe("renderHttpRequest", () => {
  const options = { purpose: "probe", version: "1.36", timeoutMs: 1_000 } as const;
  it("asks what is written, and leaves out an Accept that is empty", () => {
    const httpHeaders = [
      { name: "accept", value: "" },
      { name: "User-Agent", value: "mine" },
    ];
    expect(
      renderHttpRequest({ host: "example.com", port: 8080, scheme: "HTTPS", httpHeaders }, {}, "10.0.0.5", options),
    ).toEqual({
      scheme: "HTTPS",
      host: "example.com",
      port: 8080,
      path: "",
      headers: [{ name: "User-Agent", value: "mine" }],
      timeoutMs: 1_000,
    });
  });
});

describe("resolveContainerPort", () => {
  const container = { ports: [{ name: "http", containerPort: 8080 }] };
  it("is a number, a name, or a number written as text", () => {
    expect([80, "http", "81"].map((port) => resolveContainerPort(port, container))).toEqual([80, 8080, 81]);
  });

  it.each([
    [0, "invalid port number: 0"],
    [70_000, "invalid port number: 70000"],
    ["metrics", 'strconv.Atoi: parsing "metrics": invalid syntax'],
  ])("refuses %j", (port, message) => {
    expect(() => resolveContainerPort(port, container)).toThrow(message);
  });
});
