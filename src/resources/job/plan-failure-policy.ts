import type {
  PodFailurePolicy,
  PodFailurePolicyOnExitCodesRequirement,
  PodFailurePolicyOnPodConditionsPattern,
  PodFailurePolicyRule,
} from "../../api/types/batch-v1.ts";
import type { ContainerStatus, Pod, PodCondition } from "../../api/types/core-v1.ts";

/** What a Job's failure policy says of a failed pod. */
export interface FailureVerdict {
  readonly action: PodFailurePolicyRule["action"] | undefined;
  /** Whether the failure counts towards the back-off limit. */
  readonly counts: boolean;
  /** Why the whole Job fails; only for `FailJob`. */
  readonly message?: string;
}

/** Applies the first rule that matches; without one a failure simply counts. */
export function judgeFailure(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const cause = matchRule(rule, pod);
    if (cause === undefined) continue;
    const { action } = rule;
    if (action !== "FailJob") return { action, counts: action !== "Ignore" };
    return { action, counts: true, message: `${cause} matching ${action} rule at index ${index}` };
  }
  return { action: undefined, counts: true };
}

/** @returns what matched, in words; undefined when nothing did */
function matchRule(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const { namespace, name } = pod.metadata;
  if (rule.onExitCodes !== undefined) {
    const status = matchExitCode(rule.onExitCodes, pod);
    if (status === undefined) return undefined;
    return `Container ${status.name} for pod ${namespace}/${name} failed with exit code ${status.state.terminated?.exitCode}`;
  }
  const condition = matchCondition(rule.onPodConditions ?? [], pod);
  return condition === undefined ? undefined : `Pod ${namespace}/${name} has condition ${condition.type}`;
}

function matchExitCode(requirement: PodFailurePolicyOnExitCodesRequirement, pod: Pod): ContainerStatus | undefined {
  const { containerName, operator, values } = requirement;
  const matches = ({ name, state }: ContainerStatus): boolean => {
    const exitCode = state.terminated?.exitCode ?? 0;
    if (exitCode === 0 || (containerName !== undefined && containerName !== name)) return false;
    const isListed = values?.includes(exitCode) === true;
    return operator === "In" ? isListed : operator === "NotIn" && !isListed;
  };
  return pod.status.containerStatuses?.find(matches) ?? pod.status.initContainerStatuses?.find(matches);
}

function matchCondition(
  patterns: readonly PodFailurePolicyOnPodConditionsPattern[],
  pod: Pod,
): PodCondition | undefined {
  return pod.status.conditions?.find(({ type, status }) =>
    patterns.some((pattern) => pattern.type === type && pattern.status === status),
  );
}
