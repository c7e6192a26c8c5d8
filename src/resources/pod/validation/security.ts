import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkUnixId } from "../../../api/names.ts";
import type {
  AppArmorProfile,
  PodSecurityContext,
  PodSpec,
  SeccompProfile,
  SecurityContext,
} from "../../../api/types/core-v1.ts";
import { utf8Length } from "../../../api/utf8.ts";
import { addFaults, requireOneOf } from "../../field-checks.ts";
import { toInternalForm } from "../../internal-form/internal-form.ts";
import { forEachContainer } from "./each-container.ts";
import { checkDescendingPath } from "./paths.ts";
import { type PodRules, usesUserNamespace } from "./rules.ts";
import { checkSysctls } from "./sysctls.ts";
import { checkWindowsOptions } from "./windows.ts";

const profileTypes = ["Localhost", "RuntimeDefault", "Unconfined"];
const groupChangePolicies = ["Always", "OnRootMismatch"];
const supplementalPolicies = ["Merge", "Strict"];
const linuxPolicies = ["MountOption", "Recursive"];
const procMounts = ["Default", "Unmasked"];
/** One less than the longest path of Linux. */
const maxProfileNameBytes = 4095;

/** Checks the security context of a container. @param spec of the pod around it */
export function checkContainerSecurity(
  errors: FieldError[],
  path: FieldPath,
  context: SecurityContext,
  spec: PodSpec,
): void {
  const { runAsUser, runAsGroup, procMount } = context;
  if (runAsUser !== undefined) addFaults(errors, path.child("runAsUser"), runAsUser, checkUnixId(runAsUser));
  if (runAsGroup !== undefined) addFaults(errors, path.child("runAsGroup"), runAsGroup, checkUnixId(runAsGroup));
  if (procMount !== undefined) {
    requireOneOf(errors, path.child("procMount"), procMount, procMounts);
    if (procMount === "Unmasked" && !usesUserNamespace(spec))
      errors.push(
        fieldError.invalid(path.child("procMount"), procMount, "`hostUsers` must be false to use `Unmasked`"),
      );
  }
  checkSeccompProfile(errors, path.child("seccompProfile"), context.seccompProfile);
  if (context.allowPrivilegeEscalation === false) checkEscalation(errors, path, context);
  checkWindowsOptions(errors, path.child("windowsOptions"), context.windowsOptions);
  checkAppArmorProfile(errors, path.child("appArmorProfile"), context.appArmorProfile);
}

/** What gives all rights cannot be asked for together with not gaining any. */
function checkEscalation(errors: FieldError[], path: FieldPath, context: SecurityContext): void {
  const refuse = (what: string): void => {
    const detail = `cannot set \`allowPrivilegeEscalation\` to false and ${what}`;
    errors.push(fieldError.invalid(path, toInternalForm("SecurityContext", context), detail));
  };
  if (context.privileged === true) refuse("`privileged` to true");
  for (const capability of context.capabilities?.add ?? [])
    if (capability === "CAP_SYS_ADMIN") refuse("`capabilities.Add` CAP_SYS_ADMIN");
}

/** Checks the security context that all containers of a pod share. */
export function checkPodSecurity(
  errors: FieldError[],
  path: FieldPath,
  context: PodSecurityContext,
  spec: PodSpec,
  rules: PodRules,
): void {
  for (const name of ["fsGroup", "runAsUser", "runAsGroup"] as const) {
    const id = context[name];
    if (id !== undefined) addFaults(errors, path.child(name), id, checkUnixId(id));
  }
  for (const [index, group] of (context.supplementalGroups ?? []).entries())
    addFaults(errors, path.child("supplementalGroups").index(index), group, checkUnixId(group));
  if (spec.shareProcessNamespace === true && spec.hostPID === true)
    errors.push(
      fieldError.invalid(
        path.child("shareProcessNamespace"),
        true,
        "ShareProcessNamespace and HostPID cannot both be enabled",
      ),
    );
  if (context.sysctls !== undefined) checkSysctls(errors, path.child("sysctls"), context.sysctls, spec, rules);
  const { fsGroupChangePolicy, supplementalGroupsPolicy, seLinuxChangePolicy } = context;
  if (fsGroupChangePolicy !== undefined)
    requireOneOf(errors, path.child("fsGroupChangePolicy"), fsGroupChangePolicy, groupChangePolicies);
  checkSeccompProfile(errors, path.child("seccompProfile"), context.seccompProfile);
  checkWindowsOptions(errors, path.child("windowsOptions"), context.windowsOptions);
  checkAppArmorProfile(errors, path.child("appArmorProfile"), context.appArmorProfile);
  if (supplementalGroupsPolicy !== undefined)
    requireOneOf(errors, path.child("supplementalGroupsPolicy"), supplementalGroupsPolicy, supplementalPolicies);
  if (seLinuxChangePolicy !== undefined)
    requireOneOf(
      errors,
      path.child("seLinuxChangePolicy"),
      seLinuxChangePolicy,
      rules.allowEverySELinuxChangePolicy ? linuxPolicies : ["Recursive"],
    );
}

/** Checks which system calls processes may make. */
function checkSeccompProfile(errors: FieldError[], path: FieldPath, profile: SeccompProfile | undefined): void {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  checkProfileType(errors, path.child("type"), type, "seccompProfile");
  const place = path.child("localhostProfile");
  if (type === "Localhost") {
    if (localhostProfile === undefined)
      errors.push(fieldError.required(place, "must be set when seccomp type is Localhost"));
    else checkDescendingPath(errors, place, localhostProfile);
  } else if (localhostProfile !== undefined) {
    const form = toInternalForm("SeccompProfile", profile);
    errors.push(fieldError.invalid(place, form, "can only be set when seccomp type is Localhost"));
  }
}

/** Checks an AppArmor profile; none is fine. */
export function checkAppArmorProfile(
  errors: FieldError[],
  path: FieldPath,
  profile: AppArmorProfile | undefined,
): void {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  const place = path.child("localhostProfile");
  if (type !== "Localhost") {
    const isKnown = type === "RuntimeDefault" || type === "Unconfined";
    if (!isKnown) checkProfileType(errors, path.child("type"), type, "appArmorProfile");
    else if (localhostProfile !== undefined)
      errors.push(fieldError.invalid(place, localhostProfile, "can only be set when AppArmor type is Localhost"));
    return;
  }
  if (localhostProfile === undefined || localhostProfile === "") {
    errors.push(fieldError.required(place, "must be set when AppArmor type is Localhost"));
    return;
  }
  if (localhostProfile.trim() !== localhostProfile)
    errors.push(fieldError.invalid(place, localhostProfile, "must not be padded with whitespace"));
  if (utf8Length(localhostProfile) > maxProfileNameBytes) errors.push(fieldError.tooLong(place, maxProfileNameBytes));
}

function checkProfileType(errors: FieldError[], path: FieldPath, type: string, field: string): void {
  if (type === "") errors.push(fieldError.required(path, `type is required when ${field} is set`));
  else requireOneOf(errors, path, type, profileTypes);
}

/** A pod with users of its own cannot have the host's namespaces as well. */
export function checkUserNamespace(errors: FieldError[], specPath: FieldPath, spec: PodSpec, rules: PodRules): void {
  if (!usesUserNamespace(spec)) return;
  const refuse = (path: FieldPath): void => {
    errors.push(fieldError.forbidden(path, "when `hostUsers` is false"));
  };
  if (spec.hostNetwork === true && !rules.allowHostNetworkInUserNamespace) refuse(specPath.child("hostNetwork"));
  if (spec.hostPID === true) refuse(specPath.child("HostPID"));
  if (spec.hostIPC === true) refuse(specPath.child("HostIPC"));
  if (rules.allowDevicesInUserNamespace) return;
  forEachContainer(spec, specPath, (container, path) => {
    if ((container.volumeDevices?.length ?? 0) > 0) refuse(path().child("volumeDevices"));
  });
}
