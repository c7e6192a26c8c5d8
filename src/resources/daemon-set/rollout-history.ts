import { controllerRevisions, daemonSets, pods as podResource } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { ControllerRevision, DaemonSet } from "../../api/types/apps-v1.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import type { Client } from "../../client/client.ts";
import { objectKey } from "../../client/object-key.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { revisionHashLabel } from "./daemon-pods.ts";
import { hashOf, planHistory, renderRevision, revisionData } from "./plan-history.ts";

/** The revisions of a DaemonSet once they are in order. */
export interface DaemonHistory {
  /** What pods of the present template carry. */
  readonly hash: string;
  readonly old: readonly ControllerRevision[];
}

/** Makes sure that the present template has exactly one revision, with the highest number of all. */
export async function syncHistory(
  state: {
    readonly daemonSet: DaemonSet;
    readonly revisions: readonly ControllerRevision[];
    readonly pods: readonly Pod[];
  },
  client: Client,
  signal: AbortSignal,
): Promise<DaemonHistory> {
  const { daemonSet } = state;
  for (const revision of state.revisions) await labelRevision(revision, client, signal);
  const plan = planHistory(daemonSet, state.revisions);
  if (plan.current === undefined) {
    const created = await createRevision(daemonSet, plan.revision, client, signal);
    return { hash: hashOf(created), old: plan.old };
  }
  const hash = hashOf(plan.current);
  if (plan.duplicates.length > 0) {
    for (const pod of state.pods) await relabelPod(pod, hash, client, signal);
    for (const duplicate of plan.duplicates) await client.delete(controllerRevisions, objectKey(duplicate), {}, signal);
  }
  if (plan.current.revision < plan.revision)
    await client.update(controllerRevisions, { ...plan.current, revision: plan.revision }, {}, signal);
  return { hash, old: plan.old };
}

async function labelRevision(revision: ControllerRevision, client: Client, signal: AbortSignal): Promise<void> {
  const { metadata } = revision;
  if (metadata.labels?.[revisionHashLabel] !== undefined) return;
  const labels = { ...metadata.labels, [revisionHashLabel]: metadata.name };
  await client.patch(controllerRevisions, objectKey(revision), "merge", { metadata: { labels } }, {}, signal);
}

async function relabelPod(pod: Pod, hash: string, client: Client, signal: AbortSignal): Promise<void> {
  const { metadata } = pod;
  if (metadata.labels?.[revisionHashLabel] === hash) return;
  const labels = { [revisionHashLabel]: hash };
  await client.patch(podResource, objectKey(pod), "merge", { metadata: { labels } }, {}, signal);
}

async function createRevision(
  daemonSet: DaemonSet,
  revision: number,
  client: Client,
  signal: AbortSignal,
): Promise<ControllerRevision> {
  const { namespace } = daemonSet.metadata;
  const object = renderRevision(daemonSet, revision);
  try {
    return await client.create(controllerRevisions, object, { namespace }, signal);
  } catch (error) {
    if (!hasReason(error, "AlreadyExists")) throw error;
    const name = object.metadata?.name ?? "";
    const present = await client.get(controllerRevisions, { namespace, name }, signal);
    if (deepEqual(present.data, revisionData(daemonSet))) return present;
    // Another template has the hash: the next pass, told by the status, tries another.
    const collisionCount = (daemonSet.status.collisionCount ?? 0) + 1;
    const status = { ...daemonSet.status, collisionCount };
    await client.update(daemonSets, { ...daemonSet, status }, { subresource: "status" }, signal);
    throw error;
  }
}
