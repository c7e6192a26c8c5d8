import { type FieldError, FieldPath } from "../../../api/field-error.ts";
import { checkLabelValue } from "../../../api/names.ts";
import type { NodeSelector, PodSpec } from "../../../api/types/core-v1.ts";
import type { LabelSelector, ObjectMeta } from "../../../api/types/meta-v1.ts";
import { checkLabelSelector } from "../../field-checks.ts";
import { isSidecar } from "../../pod-status.ts";
import { isHugePageResource, isWholePages } from "../../resource-names.ts";
import { parseDeletionCost, podAnnotations } from "./annotations.ts";
import { checkVolumeFilePath } from "./paths.ts";
import { type PodRules, strictPodRules, strictTemplateRules, usesUserNamespace } from "./rules.ts";
import { checkLabelKeys } from "./scheduling.ts";
import { hostSysctlFault } from "./sysctls.ts";

/** What of an old pod or template its faults are told from. */
interface FormerPod {
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
}

const anywhere = FieldPath.of("old");

/**
 * The rules for a change: what the old object already broke stays allowed, or it could never be changed again.
 * @param isPod false for templates
 */
export function podRulesFor(old: FormerPod | undefined, isPod: boolean): PodRules {
  if (old === undefined) return isPod ? strictPodRules : strictTemplateRules;
  const { spec, metadata } = old;
  const cost = metadata.annotations?.[podAnnotations.deletionCost];
  return {
    isPod,
    allowInvalidDeletionCost: cost !== undefined && parseDeletionCost(cost) === undefined,
    allowInvalidSelectorValues: hasFaults((errors) => {
      for (const selector of affinitySelectors(spec)) checkLabelSelector(errors, anywhere, selector);
    }),
    allowInvalidNodeAffinityValues: hasInvalidNodeValues(
      spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
    ),
    allowInvalidSpreadSelector: hasFaults((errors) => {
      for (const { labelSelector } of spec.topologySpreadConstraints ?? [])
        checkLabelSelector(errors, anywhere, labelSelector);
    }),
    allowPartialHugePages: hasPartialHugePages(spec),
    allowTokenPathOutside: hasFaults((errors) => {
      for (const volume of spec.volumes ?? [])
        for (const source of volume.projected?.sources ?? [])
          if (source.serviceAccountToken !== undefined)
            checkVolumeFilePath(errors, anywhere, source.serviceAccountToken.path);
    }),
    allowHostSysctls:
      spec.securityContext?.sysctls?.some((sysctl) => hostSysctlFault(sysctl.name, spec) !== undefined) ?? false,
    allowEverySELinuxChangePolicy: spec.securityContext?.seLinuxChangePolicy !== undefined,
    allowRestartOfInitContainers:
      spec.initContainers?.some(
        (container) =>
          !isSidecar(container) &&
          (container.resizePolicy?.some((policy) => policy.restartPolicy === "RestartContainer") ?? false),
      ) ?? false,
    allowDevicesInUserNamespace: usesUserNamespace(spec) && hasVolumeDevices(spec),
    allowHostNetworkInUserNamespace: usesUserNamespace(spec) && spec.hostNetwork === true,
    allowComparingTolerations:
      spec.tolerations?.some(({ operator }) => operator === "Lt" || operator === "Gt") ?? false,
    useFormerSpreadKeysRule: hasFaults((errors) => {
      for (const { matchLabelKeys = [], labelSelector } of spec.topologySpreadConstraints ?? [])
        checkLabelKeys(errors, anywhere, matchLabelKeys, [], labelSelector);
    }),
  };
}

function hasFaults(check: (errors: FieldError[]) => void): boolean {
  const errors: FieldError[] = [];
  check(errors);
  return errors.length > 0;
}

function affinitySelectors(spec: PodSpec): readonly (LabelSelector | undefined)[] {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const terms = [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
  ]);
  return terms.flatMap((term) => [term.labelSelector, term.namespaceSelector]);
}

function hasInvalidNodeValues(selector: NodeSelector | undefined): boolean {
  const values = selector?.nodeSelectorTerms?.flatMap((term) =>
    (term.matchExpressions ?? []).flatMap((requirement) => requirement.values ?? []),
  );
  return values?.some((value) => checkLabelValue(value).length > 0) ?? false;
}

function hasPartialHugePages(spec: PodSpec): boolean {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])].some(({ resources }) =>
    [resources.limits, resources.requests].some((list) =>
      Object.entries(list ?? {}).some(([name, amount]) => isHugePageResource(name) && !isWholePages(name, amount)),
    ),
  );
}

function hasVolumeDevices(spec: PodSpec): boolean {
  return [spec.initContainers, spec.containers, spec.ephemeralContainers].some(
    (list) => list?.some((container) => (container.volumeDevices?.length ?? 0) > 0) ?? false,
  );
}
