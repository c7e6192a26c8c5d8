import type { Draft } from "../../api/draft.ts";
import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsSubdomain, checkPathSegment } from "../../api/names.ts";
import type { ClusterRoleBinding, RoleBinding, RoleRef, Subject } from "../../api/types/rbac-v1.ts";
import type { TableDefinition } from "../../printing/table.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";

/** The API group of roles, bindings, users and groups. */
const rbacGroup = "rbac.authorization.k8s.io";

type Binding = ClusterRoleBinding | RoleBinding;

/** Fills in the API groups that bindings may leave out. */
export function applyBindingDefaults(draft: Draft<Binding>): void {
  if (draft.roleRef.apiGroup === "") draft.roleRef.apiGroup = rbacGroup;
  for (const [index, subject] of (draft.subjects ?? []).entries()) {
    const isPerson = subject.kind === "User" || subject.kind === "Group";
    if (!isPerson || (subject.apiGroup ?? "") !== "" || draft.subjects === undefined) continue;
    const { kind, name, ...rest } = subject;
    draft.subjects[index] = { kind, apiGroup: rbacGroup, name, ...rest };
  }
}

/**
 * What is wrong with a binding.
 * @param roleKinds kinds of role that it may refer to
 */
export function validateBinding(binding: Binding, roleKinds: readonly string[], isNamespaced: boolean): FieldError[] {
  const { roleRef } = binding;
  const at = FieldPath.of("roleRef");
  const errors: FieldError[] = [];
  if (roleRef.apiGroup !== rbacGroup)
    errors.push(fieldError.notSupported(at.child("apiGroup"), roleRef.apiGroup, [rbacGroup]));
  if (!roleKinds.includes(roleRef.kind))
    errors.push(fieldError.notSupported(at.child("kind"), roleRef.kind, roleKinds));
  if (roleRef.name === "") errors.push(fieldError.required(at.child("name")));
  else
    for (const fault of checkPathSegment(roleRef.name))
      errors.push(fieldError.invalid(at.child("name"), roleRef.name, fault));
  const subjectsAt = FieldPath.of("subjects");
  for (const [index, subject] of (binding.subjects ?? []).entries())
    errors.push(...validateSubject(subject, isNamespaced, subjectsAt.index(index)));
  return errors;
}

/** A binding never changes its role: who may bind one role may not therefore bind another. */
export function validateBindingUpdate(binding: Binding, old: Binding): FieldError[] {
  const { roleRef } = binding;
  const isSame =
    roleRef.apiGroup === old.roleRef.apiGroup && roleRef.kind === old.roleRef.kind && roleRef.name === old.roleRef.name;
  return isSame ? [] : [fieldError.invalid(FieldPath.of("roleRef"), describeRoleRef(roleRef), "cannot change roleRef")];
}

/** Upstream's message shows its internal form. */
function describeRoleRef({ apiGroup, kind, name }: RoleRef): object {
  return { APIGroup: apiGroup, Kind: kind, Name: name };
}

function validateSubject(subject: Subject, isNamespaced: boolean, at: FieldPath): FieldError[] {
  const { kind, name, namespace = "", apiGroup = "" } = subject;
  const errors: FieldError[] = [];
  if (name === "") errors.push(fieldError.required(at.child("name")));
  const requireGroup = (group: string): void => {
    if (apiGroup !== group) errors.push(fieldError.notSupported(at.child("apiGroup"), apiGroup, [group]));
  };
  switch (kind) {
    case "ServiceAccount":
      if (name !== "")
        for (const fault of checkDnsSubdomain(name)) errors.push(fieldError.invalid(at.child("name"), name, fault));
      requireGroup("");
      if (!isNamespaced && namespace === "") errors.push(fieldError.required(at.child("namespace")));
      return errors;
    case "User":
    case "Group":
      requireGroup(rbacGroup);
      return errors;
    default:
      return [...errors, fieldError.notSupported(at.child("kind"), kind, ["ServiceAccount", "User", "Group"])];
  }
}

/** How bindings of both kinds are listed. */
export const bindingTable: TableDefinition<Binding> = {
  columns: [
    nameColumn,
    textColumn("Role"),
    ageColumn,
    textColumn("Users", 1),
    textColumn("Groups", 1),
    textColumn("ServiceAccounts", 1),
  ],
  row: (binding, { nowMs }) => {
    const subjects = binding.subjects ?? [];
    const namesOf = (kind: string): string[] =>
      subjects.filter((subject) => subject.kind === kind).map((subject) => subject.name);
    const accounts = subjects
      .filter((subject) => subject.kind === "ServiceAccount")
      .map((subject) => `${subject.namespace ?? ""}/${subject.name}`);
    return [
      binding.metadata.name,
      `${binding.roleRef.kind}/${binding.roleRef.name}`,
      objectAge(binding, nowMs),
      namesOf("User").join(", "),
      namesOf("Group").join(", "),
      accounts.join(", "),
    ];
  },
};
