import type { SELinuxOptions } from "../../../api/types/core-v1.ts";
import { type CheckedPod, distinct, inNumber, quoted, settersOf, type Violation } from "./security-check.ts";

/** Types that containers may run as, by the version that allowed them. */
const allowedTypes: ReadonlyMap<string, number> = new Map([
  ["", 0],
  ["container_t", 0],
  ["container_init_t", 0],
  ["container_kvm_t", 0],
  ["container_engine_t", 31],
]);

/** SELinux types must be those of containers; users and roles must not be set. */
export function findSeLinuxOptions({ spec, containers }: CheckedPod, minor: number): Violation | undefined {
  const isBad = (options: SELinuxOptions | undefined): options is SELinuxOptions =>
    options !== undefined && (isBadType(options, minor) || (options.user ?? "") !== "" || (options.role ?? "") !== "");
  const own = spec.securityContext?.seLinuxOptions;
  const bad = containers.filter(({ securityContext }) => isBad(securityContext?.seLinuxOptions));
  const setters = settersOf(
    isBad(own),
    bad.map(({ name }) => name),
  );
  if (setters.length === 0) return undefined;
  const options = [own, ...bad.map(({ securityContext }) => securityContext?.seLinuxOptions)].filter(isBad);
  const types = distinct(options.flatMap((option) => (isBadType(option, minor) ? (option.type ?? "") : [])));
  const faults = [
    ...(types.length === 0 ? [] : [`${inNumber(types.length, "type")} ${quoted(types)}`]),
    ...(options.some(({ user = "" }) => user !== "") ? ["user may not be set"] : []),
    ...(options.some(({ role = "" }) => role !== "") ? ["role may not be set"] : []),
  ];
  return {
    reason: "seLinuxOptions",
    detail: `${setters.join(" and ")} set forbidden securityContext.seLinuxOptions: ${faults.join("; ")}`,
  };
}

function isBadType({ type = "" }: SELinuxOptions, minor: number): boolean {
  return minor < (allowedTypes.get(type) ?? Number.POSITIVE_INFINITY);
}
