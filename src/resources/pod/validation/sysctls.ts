import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import type { PodSpec, Sysctl } from "../../../api/types/core-v1.ts";
import type { PodRules } from "./rules.ts";

const segment = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const namePattern = `^(${segment}[\\./])*${segment}$`;
const nameRegExp = new RegExp(namePattern);
const maxNameLength = 253;

/** Kernel settings of the IPC namespace, beside those below `fs.mqueue`. Source: the namespaces man pages. */
const ipcSettings: ReadonlySet<string> = new Set([
  "kernel.sem",
  ...["all", "max", "mni", "_rmid_forced", ""].map((name) => `kernel.shm${name}`),
  ...["max", "mnb", "mni", ""].map((name) => `kernel.msg${name}`),
]);

/** Checks the kernel settings that a pod asks for. */
export function checkSysctls(
  errors: FieldError[],
  path: FieldPath,
  sysctls: readonly Sysctl[],
  spec: PodSpec,
  rules: PodRules,
): void {
  const seen = new Set<string>();
  for (const [index, { name }] of sysctls.entries()) {
    const place = path.index(index).child("name");
    if (name === "") errors.push(fieldError.required(place));
    else if (name.length > maxNameLength || !nameRegExp.test(name))
      errors.push(
        fieldError.invalid(place, name, `must have at most ${maxNameLength} characters and match regex ${namePattern}`),
      );
    else if (seen.has(name)) errors.push(fieldError.duplicate(place, name));
    const fault = rules.allowHostSysctls ? undefined : hostSysctlFault(name, spec);
    if (fault !== undefined) errors.push(fieldError.invalid(place, name, fault));
    seen.add(name);
  }
}

/** Why a pod in the host's namespaces may not have a setting; undefined when it may. */
export function hostSysctlFault(name: string, spec: Pick<PodSpec, "hostNetwork" | "hostIPC">): string | undefined {
  const dotted = dottedName(name);
  if (spec.hostNetwork === true && dotted.startsWith("net.")) return "may not be specified when 'hostNetwork' is true";
  const isIpc = ipcSettings.has(dotted) || dotted.startsWith("fs.mqueue.");
  if (spec.hostIPC === true && isIpc) return "may not be specified when 'hostIPC' is true";
  return undefined;
}

/** Slashes may separate the parts; whichever separator comes first is the one, and the other stands for itself. */
function dottedName(name: string): string {
  const first = name.search(/[./]/);
  if (first < 0 || name[first] === ".") return name;
  return name.replace(/[./]/g, (separator) => (separator === "/" ? "." : "/"));
}
