import { goQuote } from "../../api/go-quote.ts";
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from "../../api/resources.ts";
import type { ClusterRoleBinding, PolicyRule, RoleBinding, RoleRef, Subject } from "../../api/types/rbac-v1.ts";
import type { UserInfo } from "../../api/user.ts";
import type { ObjectCache } from "../../client/informer.ts";
import type { LiveObjects } from "../live-objects.ts";

type Binding = ClusterRoleBinding | RoleBinding;

/** What one binding gives a user: the rules of its role, or why they cannot be had. */
export type Grant =
  | { readonly rules: readonly PolicyRule[]; readonly describe: () => string }
  | { readonly rules: undefined; readonly error: string };

/** Live roles, and bindings filed by the users and groups that they name. */
export interface RbacIndex {
  /** Hands every grant of a user to `visitor` until it answers false. An empty namespace means cluster-wide only. */
  visit(user: UserInfo, namespace: string, visitor: (grant: Grant) => boolean): void;
}

/** Bindings by subject key, then by name. */
type SubjectIndex = Map<string, Map<string, Binding>>;

/** Creates the index and keeps it current for as long as the caches live. */
export function createRbacIndex(objects: LiveObjects): RbacIndex {
  const clusterRoleCache = objects.of(clusterRoles).cache;
  const roleCache = objects.of(roles).cache;
  const clusterWide: SubjectIndex = new Map();
  const byNamespace = new Map<string, SubjectIndex>();

  objects.of(clusterRoleBindings).onChange(({ before, after }) => {
    if (before !== undefined) unfile(clusterWide, before);
    if (after !== undefined) file(clusterWide, after);
  });
  objects.of(roleBindings).onChange(({ before, after }) => {
    const namespace = (after ?? before)?.metadata.namespace ?? "";
    const index = byNamespace.get(namespace) ?? new Map();
    byNamespace.set(namespace, index);
    if (before !== undefined) unfile(index, before);
    if (after !== undefined) file(index, after);
    if (index.size === 0) byNamespace.delete(namespace);
  });

  return {
    visit(user, namespace, visitor) {
      const grantOf = (binding: Binding): Grant => resolve(binding, user, clusterRoleCache, roleCache);
      if (!visitBindings(clusterWide, user, (binding) => visitor(grantOf(binding)))) return;
      const index = namespace === "" ? undefined : byNamespace.get(namespace);
      if (index !== undefined) visitBindings(index, user, (binding) => visitor(grantOf(binding)));
    },
  };
}

/** Answers false when the visitor wanted to stop. A binding that names a user twice is visited once. */
function visitBindings(index: SubjectIndex, user: UserInfo, visitor: (binding: Binding) => boolean): boolean {
  const seen = new Set<Binding>();
  const visitSubject = (key: string): boolean => {
    const bindings = index.get(key);
    if (bindings === undefined) return true;
    for (const binding of bindings.values()) {
      if (seen.has(binding)) continue;
      seen.add(binding);
      if (!visitor(binding)) return false;
    }
    return true;
  };
  return visitSubject(userKey(user.username)) && user.groups.every((group) => visitSubject(groupKey(group)));
}

function resolve(
  binding: Binding,
  user: UserInfo,
  clusterRoleCache: ObjectCache<{ readonly rules: readonly PolicyRule[] | null }>,
  roleCache: ObjectCache<{ readonly rules: readonly PolicyRule[] | null }>,
): Grant {
  const { kind, name } = binding.roleRef;
  const namespace = binding.metadata.namespace ?? "";
  if (kind !== "ClusterRole" && kind !== "Role")
    return { rules: undefined, error: `unsupported role reference kind: ${goQuote(kind)}` };
  const role = kind === "ClusterRole" ? clusterRoleCache.get(name) : roleCache.get(`${namespace}/${name}`);
  if (role === undefined) return { rules: undefined, error: roleNotFound(binding.roleRef) };
  return { rules: role.rules ?? [], describe: () => describeGrant(binding, user) };
}

function roleNotFound(reference: RoleRef): string {
  return `${reference.kind.toLowerCase()}.rbac.authorization.k8s.io ${goQuote(reference.name)} not found`;
}

/** For example `ClusterRoleBinding "admins" of ClusterRole "cluster-admin" to Group "ops"`. */
function describeGrant(binding: Binding, user: UserInfo): string {
  const namespace = binding.metadata.namespace ?? "";
  const keys = new Set([userKey(user.username), ...user.groups.map(groupKey)]);
  const subject = (binding.subjects ?? []).find((candidate) => keys.has(subjectKey(candidate, namespace) ?? ""));
  const title = namespace === "" ? "ClusterRoleBinding" : "RoleBinding";
  const name = namespace === "" ? binding.metadata.name : `${binding.metadata.name}/${namespace}`;
  const { roleRef } = binding;
  const to = subject === undefined ? "" : ` to ${describeSubject(subject, namespace)}`;
  return `${title} ${goQuote(name)} of ${roleRef.kind} ${goQuote(roleRef.name)}${to}`;
}

function describeSubject(subject: Subject, bindingNamespace: string): string {
  if (subject.kind !== "ServiceAccount") return `${subject.kind} ${goQuote(subject.name)}`;
  return `${subject.kind} ${goQuote(`${subject.name}/${subject.namespace ?? bindingNamespace}`)}`;
}

function file(index: SubjectIndex, binding: Binding): void {
  for (const key of keysOf(binding)) {
    const bindings = index.get(key) ?? new Map();
    index.set(key, bindings.set(binding.metadata.name, binding));
  }
}

function unfile(index: SubjectIndex, binding: Binding): void {
  for (const key of keysOf(binding)) {
    const bindings = index.get(key);
    bindings?.delete(binding.metadata.name);
    if (bindings?.size === 0) index.delete(key);
  }
}

function keysOf(binding: Binding): Set<string> {
  const namespace = binding.metadata.namespace ?? "";
  const keys = (binding.subjects ?? []).map((subject) => subjectKey(subject, namespace));
  return new Set(keys.filter((key) => key !== undefined));
}

/** Undefined for subjects that nobody can be. A service account without namespace is one of the binding's own. */
function subjectKey(subject: Subject, bindingNamespace: string): string | undefined {
  switch (subject.kind) {
    case "User":
      return userKey(subject.name);
    case "Group":
      return groupKey(subject.name);
    case "ServiceAccount": {
      const namespace = subject.namespace ?? bindingNamespace;
      return namespace === "" ? undefined : userKey(`system:serviceaccount:${namespace}:${subject.name}`);
    }
    default:
      return undefined;
  }
}

const userKey = (name: string): string => `u:${name}`;
const groupKey = (name: string): string => `g:${name}`;
