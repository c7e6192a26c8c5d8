/** Labels that a node agent may give its own node. Source: Kubernetes documentation, "Admission Control", NodeRestriction. */
const agentLabels: ReadonlySet<string> = new Set([
  "kubernetes.io/hostname",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
  "beta.kubernetes.io/instance-type",
  "node.kubernetes.io/instance-type",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
]);
const agentDomains = ["kubelet.kubernetes.io", "node.kubernetes.io"];
const restrictedDomain = "node-restriction.kubernetes.io";

/** Keys, sorted, of labels that differ between two versions of a node and that its own agent may not touch. */
export function forbiddenNodeLabels(
  labels: Readonly<Record<string, string>>,
  old: Readonly<Record<string, string>>,
): string[] {
  const keys = new Set([...Object.keys(labels), ...Object.keys(old)]);
  const valueOf = (map: Readonly<Record<string, string>>, key: string): string | undefined =>
    Object.hasOwn(map, key) ? map[key] : undefined;
  return [...keys].filter((key) => valueOf(labels, key) !== valueOf(old, key) && isForbidden(key)).sort();
}

function isForbidden(key: string): boolean {
  const domain = key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
  if (isWithin(domain, restrictedDomain)) return true;
  if (!isWithin(domain, "kubernetes.io") && !isWithin(domain, "k8s.io")) return false;
  return !agentLabels.has(key) && !agentDomains.some((agentDomain) => isWithin(domain, agentDomain));
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}
