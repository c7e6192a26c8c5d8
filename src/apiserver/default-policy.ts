import type { Input } from "../api/draft.ts";
import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import { groupResourceName } from "../api/resource.ts";
import { clusterRoleBindings, clusterRoles, namespaces, roleBindings, roles } from "../api/resources.ts";
import { hasReason } from "../api/status-error.ts";
import type { Logger } from "../base/log.ts";
import type { Client } from "../client/client.ts";
import { type DefaultPolicy, defaultPolicy } from "./authorization/default-policy.ts";
import { type PolicyAction, planDefaultBinding, planDefaultRole } from "./authorization/policy-plan.ts";

/** Times that one role or binding is looked at anew because someone else changed it meanwhile. */
const maxAttempts = 4;

/**
 * Makes sure that the default roles and bindings exist and grant at least what they should. Runs at every start,
 * before the server says that it is ready.
 * @throws {StatusError} when one of them cannot be written
 * Source: Kubernetes documentation, "Using RBAC Authorization", "Auto-reconciliation".
 */
export async function reconcileDefaultPolicy(
  context: { readonly client: Client; readonly logger: Logger; readonly policy?: DefaultPolicy },
  signal: AbortSignal,
): Promise<void> {
  const policy = context.policy ?? defaultPolicy;
  const { client } = context;
  const [foundClusterRoles, foundClusterRoleBindings, foundRoles, foundRoleBindings] = await Promise.all([
    found(client, clusterRoles, signal),
    found(client, clusterRoleBindings, signal),
    found(client, roles, signal),
    found(client, roleBindings, signal),
  ]);
  const wantedNamespaces = new Set([...policy.roles, ...policy.roleBindings].map((item) => item.namespace ?? ""));
  await Promise.all([...wantedNamespaces].map((name) => ensureNamespace(client, name, signal)));

  const reconcile = <W extends { name: string; namespace?: string }, T extends ApiObject>(
    resource: Resource<T>,
    wanted: readonly W[],
    present: ReadonlyMap<string, T>,
    plan: (wanted: W, existing: T | undefined) => PolicyAction<unknown>,
  ): Promise<void>[] =>
    wanted.map((item) => reconcileOne(context, resource, item, present.get(keyOf(item)), plan, signal));
  await Promise.all([
    ...reconcile(clusterRoles, policy.clusterRoles, foundClusterRoles, planDefaultRole),
    ...reconcile(clusterRoleBindings, policy.clusterRoleBindings, foundClusterRoleBindings, planDefaultBinding),
    ...reconcile(roles, policy.roles, foundRoles, planDefaultRole),
    ...reconcile(roleBindings, policy.roleBindings, foundRoleBindings, planDefaultBinding),
  ]);
}

async function reconcileOne<W extends { name: string; namespace?: string }, T extends ApiObject>(
  { client, logger }: { readonly client: Client; readonly logger: Logger },
  resource: Resource<T>,
  wanted: W,
  present: T | undefined,
  plan: (wanted: W, existing: T | undefined) => PolicyAction<unknown>,
  signal: AbortSignal,
): Promise<void> {
  let existing = present;
  for (let attempt = 1; ; attempt += 1) {
    const action = plan(wanted, existing);
    if (action.kind === "none") return;
    if (action.kind === "protected") {
      logger.warn("default policy left alone, as its annotation asks", {
        resource: groupResourceName(resource),
        name: keyOf(wanted),
      });
      return;
    }
    try {
      const object = action.object as Input<T>;
      if (action.kind === "recreate") await client.delete(resource, wanted, {}, signal);
      if (action.kind === "update") await client.update(resource, object, {}, signal);
      else await client.create(resource, object, {}, signal);
      return;
    } catch (error) {
      if (attempt >= maxAttempts || !hasReason(error, "AlreadyExists", "NotFound", "Conflict")) throw error;
      existing = await getIfAny(client, resource, wanted, signal);
    }
  }
}

async function found<T extends ApiObject>(
  client: Client,
  resource: Resource<T>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, T>> {
  const { items } = await client.list(resource, {}, signal);
  return new Map(items.map((item) => [keyOf(item.metadata), item]));
}

async function getIfAny<T extends ApiObject>(
  client: Client,
  resource: Resource<T>,
  key: { readonly name: string; readonly namespace?: string },
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await client.get(resource, key, signal);
  } catch (error) {
    if (hasReason(error, "NotFound")) return undefined;
    throw error;
  }
}

async function ensureNamespace(client: Client, name: string, signal: AbortSignal): Promise<void> {
  if ((await getIfAny(client, namespaces, { name }, signal)) !== undefined) return;
  try {
    await client.create(namespaces, { metadata: { name } }, {}, signal);
  } catch (error) {
    if (!hasReason(error, "AlreadyExists")) throw error;
  }
}

function keyOf(item: { readonly name: string; readonly namespace?: string }): string {
  return item.namespace === undefined ? item.name : `${item.namespace}/${item.name}`;
}
