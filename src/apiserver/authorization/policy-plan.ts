import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, Subject } from "../../api/types/rbac-v1.ts";
import { autoUpdateAnnotation, type DefaultBinding, type DefaultRole, defaultPolicyLabel } from "./default-policy.ts";
import { uncoveredRules } from "./rule-coverage.ts";

/** What to do with one default role or binding. `object` is what to write. */
export type PolicyAction<T> =
  | { readonly kind: "none" }
  | { readonly kind: "create"; readonly object: T }
  | { readonly kind: "update"; readonly object: T }
  /** A binding cannot change its role: the old one goes, the new one comes. */
  | { readonly kind: "recreate"; readonly object: T }
  /** It differs, but its annotation asks to be left alone. */
  | { readonly kind: "protected" };

type RoleInput = { readonly metadata: object; readonly rules: readonly unknown[] | null };
type BindingInput = { readonly metadata: object; readonly roleRef: object };

/** Brings a role up to its default: what is missing is added, what was added by hand stays. */
export function planDefaultRole(
  wanted: DefaultRole,
  existing: ClusterRole | Role | undefined,
): PolicyAction<RoleInput> {
  if (existing === undefined) {
    const { rules = null, aggregationRule } = wanted;
    const aggregation = aggregationRule === undefined ? {} : { aggregationRule };
    return { kind: "create", object: { metadata: metadataOf(wanted), rules, ...aggregation } };
  }
  const metadata = mergedMetadata(wanted, existing.metadata);
  const missingRules = uncoveredRules(existing.rules ?? [], wanted.rules ?? []);
  const oldAggregation = (existing as ClusterRole).aggregationRule;
  const aggregationRule = mergedAggregation(wanted.aggregationRule, oldAggregation);
  const { aggregationRule: _replaced, ...rest } = existing as ClusterRole;
  if (metadata === existing.metadata && missingRules.length === 0 && aggregationRule === oldAggregation)
    return { kind: "none" };
  const object = {
    ...rest,
    metadata,
    rules: missingRules.length === 0 ? existing.rules : [...(existing.rules ?? []), ...missingRules],
    ...(aggregationRule === undefined ? {} : { aggregationRule }),
  };
  return unlessProtected(existing, { kind: "update", object });
}

/** Brings a binding up to its default: missing subjects are added; another role means a new binding. */
export function planDefaultBinding(
  wanted: DefaultBinding,
  existing: ClusterRoleBinding | RoleBinding | undefined,
): PolicyAction<BindingInput> {
  const { roleRef, subjects } = wanted;
  const fresh = { metadata: metadataOf(wanted), roleRef, ...(subjects === undefined ? {} : { subjects }) };
  if (existing === undefined) return { kind: "create", object: fresh };
  const old = existing.roleRef;
  if (old.kind !== roleRef.kind || old.name !== roleRef.name || old.apiGroup !== roleRef.apiGroup)
    return unlessProtected(existing, { kind: "recreate", object: fresh });
  const metadata = mergedMetadata(wanted, existing.metadata);
  const present = existing.subjects ?? [];
  const missing = (subjects ?? []).filter((subject) => !present.some((candidate) => sameSubject(candidate, subject)));
  if (metadata === existing.metadata && missing.length === 0) return { kind: "none" };
  const object = { ...existing, metadata, subjects: [...present, ...missing] };
  return unlessProtected(existing, { kind: "update", object });
}

function unlessProtected<T>(
  existing: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } },
  action: PolicyAction<T>,
): PolicyAction<T> {
  return existing.metadata.annotations?.[autoUpdateAnnotation] === "false" ? { kind: "protected" } : action;
}

function metadataOf(wanted: DefaultRole | DefaultBinding): object {
  const { name, namespace } = wanted;
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: labelsOf(wanted),
    annotations: { [autoUpdateAnnotation]: "true" },
  };
}

function labelsOf(wanted: DefaultRole | DefaultBinding): Record<string, string> {
  const own = "labels" in wanted ? wanted.labels : undefined;
  return { [defaultPolicyLabel.key]: defaultPolicyLabel.value, ...own };
}

interface Labelled {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Labels and annotations that someone set stay as they are. Answers the same object when nothing is missing. */
function mergedMetadata<M extends Labelled>(wanted: DefaultRole | DefaultBinding, existing: M): M {
  const labels = { ...labelsOf(wanted), ...existing.labels };
  const annotations = { [autoUpdateAnnotation]: "true", ...existing.annotations };
  const isSame =
    Object.keys(labels).length === Object.keys(existing.labels ?? {}).length &&
    Object.keys(annotations).length === Object.keys(existing.annotations ?? {}).length;
  return isSame ? existing : { ...existing, labels, annotations };
}

function mergedAggregation(
  wanted: DefaultRole["aggregationRule"],
  existing: ClusterRole["aggregationRule"],
): ClusterRole["aggregationRule"] {
  if (wanted === undefined) return undefined;
  const present = new Set((existing?.clusterRoleSelectors ?? []).map((selector) => JSON.stringify(selector)));
  const missing = wanted.clusterRoleSelectors.filter((selector) => !present.has(JSON.stringify(selector)));
  if (existing !== undefined && missing.length === 0) return existing;
  return { clusterRoleSelectors: [...(existing?.clusterRoleSelectors ?? []), ...missing] };
}

function sameSubject(a: Subject, b: Subject): boolean {
  return (
    a.kind === b.kind &&
    a.name === b.name &&
    (a.apiGroup ?? "") === (b.apiGroup ?? "") &&
    (a.namespace ?? "") === (b.namespace ?? "")
  );
}
