import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkDnsLabel, checkDnsSubdomain, checkLabelKey } from "../../../api/names.ts";
import type { PodResourceClaim, PodSpec } from "../../../api/types/core-v1.ts";
import type { ObjectMeta } from "../../../api/types/meta-v1.ts";
import { addFaults, checkLabels, rangeFault } from "../../field-checks.ts";
import { toInternalForm } from "../../internal-form/internal-form.ts";
import { podAnnotations } from "./annotations.ts";
import { checkContainers, checkEphemeralContainers, checkInitContainers, checkPodRestartPolicy } from "./containers.ts";
import { checkFileKeyVolumes } from "./environment.ts";
import {
  checkDnsConfig,
  checkDnsPolicy,
  checkHostAliases,
  checkHostNetworkPorts,
  checkHostnameOverride,
} from "./network.ts";
import { checkContainerResources, checkPodResources } from "./resources.ts";
import type { PodRules } from "./rules.ts";
import { checkAffinity, checkSchedulingGates, checkTolerations } from "./scheduling.ts";
import { checkPodSecurity, checkUserNamespace } from "./security.ts";
import { checkTopologySpread } from "./topology-spread.ts";
import { checkVolumes } from "./volumes.ts";
import { checkHostProcesses, checkOperatingSystem } from "./windows.ts";

const maxInt32 = 2_147_483_647;
const noNames: ReadonlySet<string> = new Set();

/**
 * Checks what a pod is to be, in pods and in templates. Errors come in the order in which upstream reports them.
 * @param metadata of the pod; undefined for templates
 */
export function checkPodSpec(
  errors: FieldError[],
  path: FieldPath,
  spec: PodSpec,
  metadata: ObjectMeta | undefined,
  rules: PodRules,
): void {
  if (spec.terminationGracePeriodSeconds === undefined)
    errors.push(fieldError.required(path.child("terminationGracePeriodSeconds")));
  const volumes = checkVolumes(errors, path.child("volumes"), spec.volumes ?? [], metadata, rules);
  const claims = spec.resourceClaims ?? [];
  const claimNames = claims.length === 0 ? noNames : new Set(claims.map((claim) => claim.name));
  checkResourceClaims(errors, path.child("resourceClaims"), claims, metadata);
  const around = { spec, volumes, claimNames, rules };
  checkContainers(errors, path.child("containers"), around);
  if (spec.initContainers !== undefined) checkInitContainers(errors, path.child("initContainers"), around);
  if (spec.ephemeralContainers !== undefined)
    checkEphemeralContainers(errors, path.child("ephemeralContainers"), around);
  checkPodResources(errors, path, spec, claimNames, rules);
  checkHostNetworkPorts(errors, path, spec, rules);
  checkPodRestartPolicy(errors, path.child("restartPolicy"), spec.restartPolicy);
  checkDnsPolicy(errors, path.child("dnsPolicy"), spec.dnsPolicy);
  checkLabels(errors, path.child("nodeSelector"), spec.nodeSelector);
  if (spec.securityContext !== undefined)
    checkPodSecurity(errors, path.child("securityContext"), spec.securityContext, spec, rules);
  if (spec.affinity !== undefined) checkAffinity(errors, path.child("affinity"), spec.affinity, rules);
  checkDnsConfig(errors, path.child("dnsConfig"), spec);
  for (const [index, gate] of (spec.readinessGates ?? []).entries())
    addFaults(
      errors,
      path.child("readinessGates").index(index).child("conditionType"),
      gate.conditionType,
      checkLabelKey(gate.conditionType),
    );
  if (spec.schedulingGates !== undefined)
    checkSchedulingGates(errors, path.child("schedulingGates"), spec.schedulingGates);
  if (spec.topologySpreadConstraints !== undefined)
    checkTopologySpread(errors, path.child("topologySpreadConstraints"), spec.topologySpreadConstraints, rules);
  checkHostProcesses(errors, path, spec);
  checkUserNamespace(errors, path, spec, rules);
  checkHostnameOverride(errors, path, spec);
  checkNamesAndNumbers(errors, path, spec, rules);
  checkOperatingSystem(errors, path, spec);
  checkFileKeyVolumes(errors, path, spec);
}

/** The single fields of a spec that stand for themselves. */
function checkNamesAndNumbers(errors: FieldError[], path: FieldPath, spec: PodSpec, rules: PodRules): void {
  checkNamed(errors, path, spec, "serviceAccountName", checkDnsSubdomain);
  checkNamed(errors, path, spec, "nodeName", checkDnsSubdomain);
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > maxInt32))
    errors.push(fieldError.invalid(path.child("activeDeadlineSeconds"), deadline, rangeFault(1, maxInt32)));
  checkNamed(errors, path, spec, "hostname", checkDnsLabel);
  checkNamed(errors, path, spec, "subdomain", checkDnsLabel);
  if (spec.tolerations !== undefined) checkTolerations(errors, path.child("tolerations"), spec.tolerations, rules);
  if (spec.hostAliases !== undefined) checkHostAliases(errors, path.child("hostAliases"), spec.hostAliases);
  checkNamed(errors, path, spec, "priorityClassName", checkDnsSubdomain);
  if (spec.runtimeClassName !== undefined)
    addFaults(errors, path.child("runtimeClassName"), spec.runtimeClassName, checkDnsSubdomain(spec.runtimeClassName));
  if (spec.preemptionPolicy !== undefined)
    checkPreemption(errors, path.child("preemptionPolicy"), spec.preemptionPolicy);
  if (spec.overhead !== undefined)
    checkContainerResources(errors, path.child("overhead"), { limits: spec.overhead }, noNames, rules);
}

function checkNamed(
  errors: FieldError[],
  path: FieldPath,
  spec: PodSpec,
  field: "serviceAccountName" | "nodeName" | "hostname" | "subdomain" | "priorityClassName",
  check: (value: string) => readonly string[],
): void {
  const value = spec[field];
  if (value !== undefined && value !== "") addFaults(errors, path.child(field), value, check(value));
}

/** Checks whether a pod may push others off a node. */
export function checkPreemption(errors: FieldError[], path: FieldPath, policy: string): void {
  const policies = ["PreemptLowerPriority", "Never"];
  if (policy === "") errors.push(fieldError.required(path));
  else if (!policies.includes(policy)) errors.push(fieldError.notSupported(path, policy, policies));
}

function checkResourceClaims(
  errors: FieldError[],
  path: FieldPath,
  claims: readonly PodResourceClaim[],
  metadata: ObjectMeta | undefined,
): void {
  const isMirror = metadata?.annotations?.[podAnnotations.mirror] !== undefined;
  const names = new Set<string>();
  for (const [index, claim] of claims.entries()) {
    const entry = path.index(index);
    if (isMirror) {
      errors.push({ ...fieldError.forbidden(path, "static pods do not support resource claims"), field: "" });
      continue;
    }
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (name === "") errors.push(fieldError.required(entry.child("name")));
    else if (names.has(name)) errors.push(fieldError.duplicate(entry.child("name"), name));
    else addFaults(errors, entry.child("name"), name, checkDnsLabel(name));
    names.add(name);
    const refuse = (detail: string): void => {
      errors.push(fieldError.invalid(entry, toInternalForm("PodResourceClaim", claim), detail));
    };
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined)
      refuse("at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
      refuse("must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
    for (const field of ["resourceClaimName", "resourceClaimTemplateName"] as const) {
      const reference = claim[field];
      if (reference !== undefined) addFaults(errors, entry.child(field), reference, checkDnsSubdomain(reference));
    }
  }
}
