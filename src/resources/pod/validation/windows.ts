import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkDnsSubdomain } from "../../../api/names.ts";
import type { PodSpec, WindowsSecurityContextOptions } from "../../../api/types/core-v1.ts";
import { utf8Length } from "../../../api/utf8.ts";
import { addFaults } from "../../field-checks.ts";
import { forEachContainer } from "./each-container.ts";

const maxCredentialKiB = 64;
const maxDomainBytes = 256;
const maxUserBytes = 104;
const operatingSystems = ["linux", "windows"];
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const controlCharacter = /[\u0000-\u001f\u007f]/;
const netBiosName = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const dnsPart = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const dnsName = new RegExp(`^${dnsPart}(?:\\.${dnsPart})*$`);

/** Checks the Windows half of a security context; none is fine. */
export function checkWindowsOptions(
  errors: FieldError[],
  path: FieldPath,
  options: WindowsSecurityContextOptions | undefined,
): void {
  if (options === undefined) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined)
    addFaults(
      errors,
      path.child("gmsaCredentialSpecName"),
      gmsaCredentialSpecName,
      checkDnsSubdomain(gmsaCredentialSpecName),
    );
  if (gmsaCredentialSpec !== undefined) {
    const place = path.child("gmsaCredentialSpec");
    if (gmsaCredentialSpec === "")
      errors.push(fieldError.invalid(place, gmsaCredentialSpec, "gmsaCredentialSpec cannot be an empty string"));
    else if (utf8Length(gmsaCredentialSpec) > maxCredentialKiB * 1024)
      errors.push(
        fieldError.invalid(place, gmsaCredentialSpec, `gmsaCredentialSpec size must be under ${maxCredentialKiB} KiB`),
      );
  }
  if (runAsUserName !== undefined)
    addFaults(errors, path.child("runAsUserName"), runAsUserName, userNameFaults(runAsUserName));
}

/** `DOMAIN\user` or `user`. */
function userNameFaults(name: string): string[] {
  if (name === "") return ["runAsUserName cannot be an empty string"];
  if (controlCharacter.test(name)) return ["runAsUserName cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["runAsUserName cannot contain more than one backslash"];
  const faults: string[] = [];
  const domain = parts.length === 2 ? (parts[0] as string) : undefined;
  const user = parts.at(-1) as string;
  if (domain !== undefined && utf8Length(domain) >= maxDomainBytes)
    faults.push(`runAsUserName's Domain length must be under ${maxDomainBytes} characters`);
  if (domain !== undefined && !netBiosName.test(domain) && !dnsName.test(domain))
    faults.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user === "") faults.push("runAsUserName's User cannot be empty");
  else if (utf8Length(user) > maxUserBytes)
    faults.push(`runAsUserName's User length must not be longer than ${maxUserBytes} characters`);
  if (/^[. ]+$/.test(user)) faults.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user))
    faults.push("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
  return faults;
}

/** Either all containers are processes of the host, in its network, or none is. */
export function checkHostProcesses(errors: FieldError[], specPath: FieldPath, spec: PodSpec): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let containers = 0;
  let hostProcesses = 0;
  forEachContainer(spec, specPath, (container, path) => {
    containers += 1;
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own)
      errors.push(
        fieldError.invalid(
          path().child("securityContext").child("windowsOptions").child("hostProcess"),
          own,
          `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
        ),
      );
    if (own ?? ofPod ?? false) hostProcesses += 1;
  });
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers)
    errors.push(
      fieldError.invalid(
        specPath,
        "",
        "If pod contains any hostProcess containers then all containers must be HostProcess containers",
      ),
    );
  if (spec.hostNetwork !== true)
    errors.push(
      fieldError.invalid(
        specPath.child("hostNetwork"),
        false,
        "hostNetwork must be true if pod contains any hostProcess containers",
      ),
    );
}

/** Checks that a pod meant for one system asks for nothing that only the other has. */
export function checkOperatingSystem(errors: FieldError[], specPath: FieldPath, spec: PodSpec): void {
  const name = spec.os?.name;
  if (name === undefined) return;
  const path = specPath.child("os");
  if (name === "") errors.push(fieldError.required(path.child("name")));
  else if (name === "linux") checkLinux(errors, specPath, spec);
  else if (name === "windows") checkWindows(errors, specPath, spec);
  else errors.push(fieldError.notSupported(path, name, operatingSystems));
}

function checkLinux(errors: FieldError[], specPath: FieldPath, spec: PodSpec): void {
  const refuse = (path: FieldPath): void => {
    const place = path.child("securityContext").child("windowsOptions");
    errors.push(fieldError.forbidden(place, "windows options cannot be set for a linux pod"));
  };
  if (spec.securityContext?.windowsOptions !== undefined) refuse(specPath);
  forEachContainer(spec, specPath, (container, path) => {
    if (container.securityContext?.windowsOptions !== undefined) refuse(path());
  });
}

function checkWindows(errors: FieldError[], specPath: FieldPath, spec: PodSpec): void {
  const refuse = (path: FieldPath): void => {
    errors.push(fieldError.forbidden(path, "cannot be set for a windows pod"));
  };
  const context = spec.securityContext ?? {};
  const path = specPath.child("securityContext");
  const refuseSet = (name: keyof typeof context): void => {
    if (context[name] !== undefined) refuse(path.child(name));
  };
  refuseSet("appArmorProfile");
  refuseSet("seLinuxOptions");
  if (spec.hostUsers !== undefined) refuse(specPath.child("hostUsers"));
  if (spec.hostPID === true) refuse(specPath.child("hostPID"));
  if (spec.hostIPC === true) refuse(specPath.child("hostIPC"));
  refuseSet("seccompProfile");
  refuseSet("fsGroup");
  refuseSet("fsGroupChangePolicy");
  refuseSet("sysctls");
  if (spec.shareProcessNamespace !== undefined) refuse(specPath.child("shareProcessNamespace"));
  refuseSet("runAsUser");
  refuseSet("runAsGroup");
  refuseSet("supplementalGroups");
  refuseSet("supplementalGroupsPolicy");
  refuseSet("seLinuxChangePolicy");
  forEachContainer(spec, specPath, (container, containerPath) => {
    for (const name of linuxContainerSettings)
      if (container.securityContext?.[name] !== undefined) refuse(containerPath().child("securityContext").child(name));
  });
}

const linuxContainerSettings = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
] as const;
