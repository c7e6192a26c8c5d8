/**
 * What the restricted Pod Security Standard asks beyond the baseline: that pods are hardened.
 * Source: Kubernetes documentation, "Pod Security Standards"; words of kube-apiserver v1.36.
 */
import type { Volume } from "../../../api/types/core-v1.ts";
import { findProcMounts } from "./baseline-checks.ts";
import { requireSeccompProfile } from "./profile-checks.ts";
import {
  type CheckedPod,
  distinct,
  hasOwnUsers,
  inNumber,
  isForWindows,
  namedContainers,
  quoted,
  type SecurityCheck,
  settersOf,
  type Violation,
} from "./security-check.ts";

/** In the order in which violations are told, behind those of the baseline. */
export const restrictedChecks: readonly SecurityCheck[] = [
  { id: "allowPrivilegeEscalation", since: 8, find: exceptWindows(findEscalation) },
  {
    id: "capabilities_restricted",
    since: 22,
    replaces: "capabilities_baseline",
    find: exceptWindows(findCapabilities),
  },
  { id: "procMount_restricted", since: 35, replaces: "procMount", find: findProcMounts },
  { id: "restrictedVolumes", since: 0, replaces: "hostPathVolumes", find: findVolumes },
  { id: "runAsNonRoot", since: 0, find: exceptOwnUsers(findRootByDefault) },
  { id: "runAsUser", since: 23, find: exceptOwnUsers(findRootUser) },
  {
    id: "seccompProfile_restricted",
    since: 19,
    replaces: "seccompProfile_baseline",
    find: exceptWindows(requireSeccompProfile),
  },
];

function exceptWindows(find: (pod: CheckedPod) => Violation | undefined): SecurityCheck["find"] {
  return (pod, minor) => (minor >= 25 && isForWindows(pod) ? undefined : find(pod));
}

function exceptOwnUsers(find: (pod: CheckedPod) => Violation | undefined): SecurityCheck["find"] {
  return (pod, minor) => (minor >= 35 && hasOwnUsers(pod) ? undefined : find(pod));
}

function findEscalation({ containers }: CheckedPod): Violation | undefined {
  const bad = containers.filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  const names = namedContainers(bad.map(({ name }) => name));
  return {
    reason: "allowPrivilegeEscalation != false",
    detail: `${names} must set securityContext.allowPrivilegeEscalation=false`,
  };
}

function findCapabilities({ containers }: CheckedPod): Violation | undefined {
  const capabilities = containers.map(({ name, securityContext }) => ({ name, ...securityContext?.capabilities }));
  const keeping = capabilities.filter(({ drop = [] }) => !drop.includes("ALL"));
  const adding = capabilities
    .map(({ name, add = [] }) => ({ name, added: add.filter((capability) => capability !== "NET_BIND_SERVICE") }))
    .filter(({ added }) => added.length > 0);
  const details: string[] = [];
  if (keeping.length > 0)
    details.push(
      `${namedContainers(keeping.map(({ name }) => name))} must set securityContext.capabilities.drop=["ALL"]`,
    );
  if (adding.length > 0) {
    const added = quoted(distinct(adding.flatMap((container) => container.added)));
    const names = namedContainers(adding.map(({ name }) => name));
    details.push(`${names} must not include ${added} in securityContext.capabilities.add`);
  }
  return details.length === 0 ? undefined : { reason: "unrestricted capabilities", detail: details.join("; ") };
}

const allowedVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
] as const satisfies readonly (keyof Volume)[];

function findVolumes({ spec }: CheckedPod): Violation | undefined {
  const bad = (spec.volumes ?? []).filter((volume) => allowedVolumes.every((type) => volume[type] === undefined));
  if (bad.length === 0) return undefined;
  const types = distinct(bad.map((volume) => Object.keys(volume).find((key) => key !== "name") ?? "unknown"));
  const names = `${inNumber(bad.length, "volume")} ${quoted(bad.map(({ name }) => name))}`;
  const uses = inNumber(bad.length, "uses", "use");
  return {
    reason: "restricted volume types",
    detail: `${names} ${uses} ${inNumber(types.length, "restricted volume type")} ${quoted(types)}`,
  };
}

function findRootByDefault({ spec, containers }: CheckedPod): Violation | undefined {
  const ofPod = spec.securityContext?.runAsNonRoot;
  const bad = containers.filter(({ securityContext }) => securityContext?.runAsNonRoot === false);
  const setters = settersOf(
    ofPod === false,
    bad.map(({ name }) => name),
  );
  const reason = "runAsNonRoot != true";
  if (setters.length > 0)
    return { reason, detail: `${setters.join(" and ")} must not set securityContext.runAsNonRoot=false` };
  if (ofPod === true) return undefined;
  const silent = containers.filter(({ securityContext }) => securityContext?.runAsNonRoot === undefined);
  if (silent.length === 0) return undefined;
  const names = namedContainers(silent.map(({ name }) => name));
  return { reason, detail: `pod or ${names} must set securityContext.runAsNonRoot=true` };
}

function findRootUser({ spec, containers }: CheckedPod): Violation | undefined {
  const bad = containers.filter(({ securityContext }) => securityContext?.runAsUser === 0);
  const setters = settersOf(
    spec.securityContext?.runAsUser === 0,
    bad.map(({ name }) => name),
  );
  if (setters.length === 0) return undefined;
  return { reason: "runAsUser=0", detail: `${setters.join(" and ")} must not set runAsUser=0` };
}
