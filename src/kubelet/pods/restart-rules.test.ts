import { describe, expect, it } from "vitest";
import type { Container, PodSpec } from "../../api/types/core-v1.ts";
import { restartsAfterExit, restartsAfterKill } from "./restart-rules.ts";

type Rules = NonNullable<Container["restartPolicyRules"]>;
const onCode = (action: Rules[number]["action"], operator: "In" | "NotIn", values: number[]): Rules => [
  { action, exitCodes: { operator, values } },
];

describe("restartsAfterExit", () => {
  it.each<{ name: string; container?: object; policy?: PodSpec["restartPolicy"]; code: number; restarts: boolean }>([
    { name: "nothing said", code: 0, restarts: true },
    { name: "Always, success", policy: "Always", code: 0, restarts: true },
    { name: "OnFailure, success", policy: "OnFailure", code: 0, restarts: false },
    { name: "OnFailure, failure", policy: "OnFailure", code: 1, restarts: true },
    { name: "Never, failure", policy: "Never", code: 1, restarts: false },
    {
      name: "the container's Always beats the pod's Never",
      container: { restartPolicy: "Always" },
      policy: "Never",
      code: 0,
      restarts: true,
    },
    {
      name: "the container's Never beats the pod's Always",
      container: { restartPolicy: "Never" },
      policy: "Always",
      code: 1,
      restarts: false,
    },
    {
      name: "a rule that meets the code",
      container: { restartPolicy: "Never", restartPolicyRules: onCode("Restart", "In", [42]) },
      policy: "Never",
      code: 42,
      restarts: true,
    },
    {
      name: "a rule that does not",
      container: { restartPolicy: "Never", restartPolicyRules: onCode("Restart", "In", [42]) },
      policy: "Always",
      code: 1,
      restarts: false,
    },
    {
      name: "a rule for all other codes",
      container: { restartPolicy: "Never", restartPolicyRules: onCode("Restart", "NotIn", [0]) },
      policy: "Never",
      code: 7,
      restarts: true,
    },
    {
      name: "rules without a policy of the container's own do not count",
      container: { restartPolicyRules: onCode("Restart", "In", [42]) },
      policy: "Never",
      code: 42,
      restarts: false,
    },
  ])("$name", ({ container = {}, policy, code, restarts }) => {
    expect(restartsAfterExit(container, policy === undefined ? {} : { restartPolicy: policy }, code)).toBe(restarts);
  });
});

describe("restartsAfterKill", () => {
  it("is what the policy says, whatever the code would have been", () => {
    expect(restartsAfterKill({}, { restartPolicy: "OnFailure" })).toBe(true);
    expect(restartsAfterKill({}, { restartPolicy: "Never" })).toBe(false);
    expect(restartsAfterKill({ restartPolicy: "Always" }, { restartPolicy: "Never" })).toBe(true);
  });
});
