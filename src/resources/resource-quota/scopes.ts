/** Of what kinds of pods a quota with a scope counts what they use. Source: Kubernetes documentation, "Resource Quotas". */
const computeNames: ReadonlySet<string> = new Set([
  "pods",
  ...["cpu", "memory"].flatMap((name) => [name, `limits.${name}`, `requests.${name}`]),
]);
const podNames: ReadonlySet<string> = new Set(["pods"]);
const claimNames: ReadonlySet<string> = new Set(["persistentvolumeclaims", "requests.storage"]);

/** What can be limited within each scope. */
const namesByScope: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["Terminating", computeNames],
  ["NotTerminating", computeNames],
  ["BestEffort", podNames],
  ["NotBestEffort", computeNames],
  ["PriorityClass", computeNames],
  ["CrossNamespacePodAffinity", computeNames],
  ["VolumeAttributesClass", claimNames],
]);

/** Scopes that a pod is in or is not, so that no values can be asked for. */
export const onlyExistingScopes: ReadonlySet<string> = new Set([
  "BestEffort",
  "NotBestEffort",
  "Terminating",
  "NotTerminating",
  "CrossNamespacePodAffinity",
]);

export function isKnownScope(scope: string): boolean {
  return namesByScope.has(scope);
}

/** Whether a standard resource can be limited within a scope; unknown scopes are refused elsewhere. */
export function isScopeOfResource(scope: string, resource: string): boolean {
  return namesByScope.get(scope)?.has(resource) ?? true;
}
