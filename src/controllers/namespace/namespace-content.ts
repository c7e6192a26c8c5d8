import type { ApiObject } from "../../api/metadata.ts";
import type { Resource } from "../../api/resource.ts";
import { pods } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Client } from "../../client/client.ts";
import { isPodTerminal } from "../../resources/pod-status.ts";
import type { ObjectKind } from "../object-kinds.ts";

/** What is left of one kind after its objects were deleted. */
export interface KindRemainder {
  readonly resource: Resource;
  readonly count: number;
  readonly finalizers: ReadonlyMap<string, number>;
  /** How long it may take until they are gone, in seconds; 0 when nobody knows. */
  readonly estimateSeconds: number;
  /** Set when objects stay for no reason that anybody knows. */
  readonly failure?: string;
}

/** How long finalizers are thought to take. Source: upstream. */
const finalizerSeconds = 15;

/**
 * Deletes all objects of a kind in a namespace and tells what is still there.
 * @throws {StatusError} what the server refuses with
 */
export async function emptyKind(
  client: Client,
  { resource, verbs }: ObjectKind,
  namespace: string,
  deletedForMs: number,
  signal: AbortSignal,
): Promise<KindRemainder> {
  const graceSeconds = await longestGrace(client, resource, namespace, signal);
  // Pods that should be gone by now are no reason to wait.
  const estimateSeconds = deletedForMs >= graceSeconds * 1000 ? 0 : graceSeconds;
  await deleteAll(client, resource, verbs, namespace, signal);
  const left = await listAll(client, resource, verbs, namespace, signal);
  const finalizers = new Map<string, number>();
  for (const name of left.flatMap(({ metadata }) => metadata.finalizers ?? []))
    finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
  const remainder = { resource, count: left.length, finalizers };
  if (left.length === 0) return { ...remainder, estimateSeconds: 0 };
  if (estimateSeconds > 0) return { ...remainder, estimateSeconds };
  if (finalizers.size > 0) return { ...remainder, estimateSeconds: finalizerSeconds };
  const { group, version, plural } = resource;
  const kind = `${group}/${version}, Resource=${plural}`;
  const failure = `unexpected items still remain in namespace: ${namespace} for gvr: ${kind}`;
  return { ...remainder, estimateSeconds: 0, failure };
}

async function longestGrace(client: Client, { group, plural }: Resource, namespace: string, signal: AbortSignal) {
  if (group !== "" || plural !== "pods") return 0;
  const { items } = await client.list(pods, { namespace }, signal);
  const graces = items.filter((pod) => !isPodTerminal(pod)).map((pod) => pod.spec.terminationGracePeriodSeconds ?? 0);
  return Math.max(0, ...graces);
}

async function deleteAll(
  client: Client,
  resource: Resource,
  verbs: readonly string[],
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  // Everything goes; the garbage collector need not trouble itself with the order.
  const options = { propagationPolicy: "Background" };
  if (verbs.includes("deletecollection")) {
    await client.deleteCollection(resource, { namespace }, options, signal);
    return;
  }
  for (const { metadata } of await listAll(client, resource, verbs, namespace, signal)) {
    try {
      await client.delete(resource, { namespace, name: metadata.name }, options, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound", "MethodNotAllowed")) throw error;
    }
  }
}

async function listAll(
  client: Client,
  resource: Resource,
  verbs: readonly string[],
  namespace: string,
  signal: AbortSignal,
): Promise<readonly ApiObject[]> {
  if (!verbs.includes("list")) return [];
  try {
    return (await client.list(resource, { namespace }, signal)).items;
  } catch (error) {
    // The kind itself has gone meanwhile.
    if (hasReason(error, "NotFound", "MethodNotAllowed")) return [];
    throw error;
  }
}
