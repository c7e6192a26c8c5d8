import type { ServedResource } from "../resource-table.ts";

/** Groups in the order in which upstream lists them; others follow in the order of their names. */
const knownGroups: readonly string[] = [
  "apiregistration.k8s.io",
  "apps",
  "events.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "scheduling.k8s.io",
  "coordination.k8s.io",
  "node.k8s.io",
  "discovery.k8s.io",
  "resource.k8s.io",
  "flowcontrol.apiserver.k8s.io",
];

/** A group with its versions, the preferred one first. */
export interface ServedGroup {
  readonly name: string;
  readonly versions: readonly ServedVersion[];
}

/** A version of a group with its resources in the order of their names. */
export interface ServedVersion {
  readonly version: string;
  readonly resources: readonly ServedResource[];
}

/** Arranges resources as discovery shows them. */
export function groupResources(all: readonly ServedResource[]): ServedGroup[] {
  const names = [...new Set(all.map((served) => served.resource.group))].sort(compareGroups);
  return names.map((name) => {
    const members = all.filter((served) => served.resource.group === name);
    const versions = [...new Set(members.map((served) => served.resource.version))].sort(compareVersions);
    return {
      name,
      versions: versions.map((version) => ({
        version,
        resources: members
          .filter((served) => served.resource.version === version)
          .sort((a, b) => (a.resource.plural < b.resource.plural ? -1 : 1)),
      })),
    };
  });
}

function compareGroups(a: string, b: string): number {
  const rank = (name: string): number => (knownGroups.includes(name) ? knownGroups.indexOf(name) : knownGroups.length);
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}

/** Stable before beta before alpha, newer before older. Source: Kubernetes documentation, "Version priority". */
export function compareVersions(a: string, b: string): number {
  const parse = (text: string): readonly [number, number, number] => {
    const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(text);
    if (match === null) return [0, 0, 0];
    const stability = match[2] === undefined ? 3 : match[2] === "beta" ? 2 : 1;
    return [stability, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [left, right] = [parse(a), parse(b)];
  return right[0] - left[0] || right[1] - left[1] || right[2] - left[2] || (a < b ? -1 : 1);
}
