import type { Node } from "../../api/types/core-v1.ts";

/** Labels under their old names, by those that they repeat. Source: Kubernetes documentation, "Well-known labels". */
const repeated: Readonly<Record<string, string>> = {
  "kubernetes.io/os": "beta.kubernetes.io/os",
  "kubernetes.io/arch": "beta.kubernetes.io/arch",
};

/** Labels that a node lacks under their old names, or has with other values; undefined when all are right. */
export function planNodeLabels({ metadata: { labels = {} } }: Node): Readonly<Record<string, string>> | undefined {
  const missing = Object.entries(repeated)
    .map(([label, old]) => [old, labels[label]] as const)
    .filter(([old, value]) => value !== undefined && labels[old] !== value);
  return missing.length === 0 ? undefined : Object.fromEntries(missing as (readonly [string, string])[]);
}
