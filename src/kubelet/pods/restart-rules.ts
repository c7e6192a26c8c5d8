import type { Container, ContainerRestartRule, PodSpec } from "../../api/types/core-v1.ts";

/** What decides over restarts of a container. */
type Restartable = Pick<Container, "restartPolicy" | "restartPolicyRules">;

/** The first rule of a container that an exit code meets; undefined when none does. Source: KEP-5307. */
export function findRestartRule(container: Restartable, exitCode: number): ContainerRestartRule | undefined {
  return container.restartPolicyRules?.find((rule) => {
    if (rule.exitCodes === undefined) return false;
    const isListed = rule.exitCodes.values?.includes(exitCode) ?? false;
    if (rule.exitCodes.operator === "In") return isListed;
    return rule.exitCodes.operator === "NotIn" && !isListed;
  });
}

/** Whether a container that ended with this code is started again: its own rules, its own policy, then that of the pod. */
export function restartsAfterExit(
  container: Restartable,
  spec: Pick<PodSpec, "restartPolicy">,
  exitCode: number,
): boolean {
  if (container.restartPolicy !== undefined) {
    const action = findRestartRule(container, exitCode)?.action;
    if (action === "Restart" || action === "RestartAllContainers") return true;
    const own = policyRestarts(container.restartPolicy, exitCode);
    if (own !== undefined) return own;
  }
  return policyRestarts(spec.restartPolicy ?? "Always", exitCode) ?? true;
}

/** Whether a container that is killed while it runs, by a failed probe for instance, is started again. */
export function restartsAfterKill(container: Restartable, spec: Pick<PodSpec, "restartPolicy">): boolean {
  return (container.restartPolicy ?? spec.restartPolicy) !== "Never";
}

/** A rule of some container may restart all of them. Source: KEP-5532. */
export function mayRestartAllContainers(spec: Pick<PodSpec, "containers" | "initContainers">): boolean {
  return [...(spec.initContainers ?? []), ...spec.containers].some((container) =>
    container.restartPolicyRules?.some((rule) => rule.action === "RestartAllContainers"),
  );
}

/** True when the exit code of this container asks for a restart of all. */
export function asksToRestartAll(container: Restartable, exitCode: number): boolean {
  return findRestartRule(container, exitCode)?.action === "RestartAllContainers";
}

function policyRestarts(policy: string, exitCode: number): boolean | undefined {
  switch (policy) {
    case "Always":
      return true;
    case "OnFailure":
      return exitCode !== 0;
    case "Never":
      return false;
    default:
      return undefined;
  }
}
