import type { Input } from "../api/draft.ts";
import type { ApiObject, NamespacedObjectMeta } from "../api/metadata.ts";
import { checkName } from "../api/names.ts";
import { pods } from "../api/resources.ts";
import { hasCause, hasReason } from "../api/status-error.ts";
import type { Pod, PodTemplateSpec } from "../api/types/core-v1.ts";
import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import { controllerReference } from "./ownership.ts";

/** What managing pods needs. */
export interface PodControl {
  readonly client: Client;
  readonly events: EventRecorder;
}

/** An object that manages pods in its own namespace. */
export type PodOwner = ApiObject & { readonly metadata: NamespacedObjectMeta };

/** The pod that a template makes for its owner, with a name to be generated from the owner's. */
export function renderPod(template: PodTemplateSpec, owner: PodOwner): Input<Pod> & { readonly metadata: object } {
  const { labels, annotations, finalizers } = template.metadata;
  return {
    metadata: {
      generateName: podNamePrefix(owner.metadata.name),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  };
}

/** What the names of an owner's pods begin with: its name and a dash, where that is fit for a name. */
export function podNamePrefix(ownerName: string): string {
  const prefix = `${ownerName}-`;
  return checkName("dnsSubdomain", prefix, true).length === 0 ? prefix : ownerName;
}

/**
 * Creates a pod for its owner, and says so in an event of the owner.
 * @throws what the server refuses with; an event has told of it, unless the namespace is going away
 */
export async function createPod(
  control: PodControl,
  owner: PodOwner,
  pod: Input<Pod>,
  signal: AbortSignal,
): Promise<Pod> {
  const { client, events } = control;
  try {
    const created = await client.create(pods, pod, { namespace: owner.metadata.namespace }, signal);
    events.record(owner, "Normal", "SuccessfulCreate", `Created pod: ${created.metadata.name}`);
    return created;
  } catch (error) {
    if (!isNamespaceTerminating(error) && !signal.aborted)
      events.record(owner, "Warning", "FailedCreate", `Error creating: ${messageOf(error)}`);
    throw error;
  }
}

/**
 * Deletes a pod of an owner, and says so in an event of the owner. A pod that is gone already is well.
 * @throws {Error} when the server refuses; an event has told of it
 */
export async function deletePod(
  control: PodControl,
  owner: PodOwner,
  podName: string,
  signal: AbortSignal,
): Promise<void> {
  const { client, events } = control;
  try {
    await client.delete(pods, { namespace: owner.metadata.namespace, name: podName }, {}, signal);
    events.record(owner, "Normal", "SuccessfulDelete", `Deleted pod: ${podName}`);
  } catch (error) {
    if (hasReason(error, "NotFound") || signal.aborted) return;
    events.record(owner, "Warning", "FailedDelete", `Error deleting: ${messageOf(error)}`);
    throw new Error(`unable to delete pods: ${messageOf(error)}`, { cause: error });
  }
}

/** The namespace is being deleted: whatever would be created there, creating it is no use. */
export function isNamespaceTerminating(error: unknown): boolean {
  return hasCause(error, "NamespaceTerminating");
}

/** An error's words, as events and conditions quote them. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
