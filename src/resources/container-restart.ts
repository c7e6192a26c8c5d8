import type { Container, ContainerRestartRule, PodSpec } from "../api/types/core-v1.ts";

type RestartingContainer = Pick<Container, "restartPolicy" | "restartPolicyRules">;
type RestartingPod = Pick<PodSpec, "restartPolicy">;

/**
 * True when a container that ended with `exitCode` is to be started again: by its own rules, else by its own policy,
 * else by the pod's. Source: KEP-5307.
 */
export function shouldRestart(container: RestartingContainer, pod: RestartingPod, exitCode: number): boolean {
  if (container.restartPolicy !== undefined) {
    const action = findRestartRule(container, exitCode)?.action;
    if (action === "Restart" || action === "RestartAllContainers") return true;
  }
  return restartsBy(container.restartPolicy ?? pod.restartPolicy, exitCode);
}

/** The first of a container's rules that an exit code meets; undefined when none does. */
export function findRestartRule(container: RestartingContainer, exitCode: number): ContainerRestartRule | undefined {
  return container.restartPolicyRules?.find(({ exitCodes }) => {
    const isListed = exitCodes?.values?.includes(exitCode) ?? false;
    return (exitCodes?.operator === "In" && isListed) || (exitCodes?.operator === "NotIn" && !isListed);
  });
}

/** True when a container may ever be started again. */
export function isRestartable(container: RestartingContainer, pod: RestartingPod): boolean {
  if (container.restartPolicy === undefined) return pod.restartPolicy !== "Never";
  const mayByRule = container.restartPolicyRules?.some((rule) => rule.action === "Restart") ?? false;
  return mayByRule || container.restartPolicy !== "Never";
}

/** True when the end of some container starts all of the pod's containers anew. */
export function mayRestartAllContainers(spec: Pick<PodSpec, "containers" | "initContainers">): boolean {
  const restartsAll = (container: Container): boolean =>
    container.restartPolicyRules?.some((rule) => rule.action === "RestartAllContainers") ?? false;
  return (spec.initContainers?.some(restartsAll) ?? false) || (spec.containers?.some(restartsAll) ?? false);
}

function restartsBy(policy: string | undefined, exitCode: number): boolean {
  if (policy === "OnFailure") return exitCode !== 0;
  return policy !== "Never";
}
