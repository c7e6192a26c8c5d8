import type { PodSpec } from "../../../api/types/core-v1.ts";

/** What validation of a pod spec depends on beside the spec itself: mostly what the old object already broke. */
export interface PodRules {
  /** The spec is that of a pod, not of a template. */
  readonly isPod: boolean;
  readonly allowInvalidDeletionCost: boolean;
  readonly allowInvalidSelectorValues: boolean;
  readonly allowInvalidNodeAffinityValues: boolean;
  readonly allowInvalidSpreadSelector: boolean;
  readonly allowPartialHugePages: boolean;
  readonly allowTokenPathOutside: boolean;
  readonly allowHostSysctls: boolean;
  readonly allowEverySELinuxChangePolicy: boolean;
  readonly allowRestartOfInitContainers: boolean;
  readonly allowDevicesInUserNamespace: boolean;
  readonly allowHostNetworkInUserNamespace: boolean;
  readonly allowComparingTolerations: boolean;
  /** The old spread constraints break what is required of matchLabelKeys now; the former rule is kept for them. */
  readonly useFormerSpreadKeysRule: boolean;
}

/** Rules for new objects. */
export const strictPodRules: PodRules = {
  isPod: true,
  allowInvalidDeletionCost: false,
  allowInvalidSelectorValues: false,
  allowInvalidNodeAffinityValues: false,
  allowInvalidSpreadSelector: false,
  allowPartialHugePages: false,
  allowTokenPathOutside: false,
  allowHostSysctls: false,
  allowEverySELinuxChangePolicy: false,
  allowRestartOfInitContainers: false,
  allowDevicesInUserNamespace: false,
  allowHostNetworkInUserNamespace: false,
  allowComparingTolerations: false,
  useFormerSpreadKeysRule: false,
};

/** Rules for new templates. */
export const strictTemplateRules: PodRules = { ...strictPodRules, isPod: false };

/** True when the pod's processes get users of their own. */
export function usesUserNamespace(spec: Pick<PodSpec, "hostUsers">): boolean {
  return spec.hostUsers === false;
}
