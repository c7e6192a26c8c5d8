import type { Input } from "../../api/draft.ts";
import type { JsonValue } from "../../api/json-value.ts";
import type { ControllerRevision, DaemonSet } from "../../api/types/apps-v1.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { controllerReference } from "../../controllerkit/ownership.ts";
import { sortedJson } from "../../controllerkit/sorted-json.ts";
import { templateHash } from "../../controllerkit/template-hash.ts";
import { revisionHashLabel } from "./daemon-pods.ts";

/** The revisions of a DaemonSet, sorted out. */
export interface HistoryPlan {
  /** The revision of the present template; undefined when it has to be made. */
  readonly current: ControllerRevision | undefined;
  /** Further revisions of the very same template, which go. */
  readonly duplicates: readonly ControllerRevision[];
  readonly old: readonly ControllerRevision[];
  /** The number that the current revision has to have at least. */
  readonly revision: number;
}

/** Finds the revision of the present template among those that a DaemonSet manages. */
export function planHistory(daemonSet: DaemonSet, revisions: readonly ControllerRevision[]): HistoryPlan {
  const data = revisionData(daemonSet);
  const same = revisions.filter((revision) => deepEqual(revision.data, data));
  const old = revisions.filter((revision) => !same.includes(revision));
  let current: ControllerRevision | undefined;
  for (const revision of same) if (current === undefined || revision.revision >= current.revision) current = revision;
  return {
    current,
    duplicates: same.filter((revision) => revision !== current),
    old,
    revision: Math.max(0, ...old.map((revision) => revision.revision)) + 1,
  };
}

/** What a revision holds: the patch that brings its template back. */
export function revisionData({ spec }: DaemonSet): JsonValue {
  return sortedJson({ spec: { template: { ...spec.template, $patch: "replace" } } });
}

/** The revision of the present template, as the object to create. */
export function renderRevision(daemonSet: DaemonSet, revision: number): Input<ControllerRevision> {
  const { name, namespace, annotations } = daemonSet.metadata;
  const { template } = daemonSet.spec;
  const hash = templateHash(template, daemonSet.status.collisionCount);
  return {
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...template.metadata.labels, [revisionHashLabel]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(daemonSet)],
    },
    data: revisionData(daemonSet),
    revision,
  };
}

/** Old revisions over the limit, lowest first; those that pods still carry stay. */
export function planHistoryCleanup(
  daemonSet: DaemonSet,
  old: readonly ControllerRevision[],
  pods: readonly Pod[],
): readonly ControllerRevision[] {
  const surplus = old.length - (daemonSet.spec.revisionHistoryLimit ?? defaultHistoryLimit);
  if (surplus <= 0) return [];
  const inUse = new Set(pods.map((pod) => pod.metadata.labels?.[revisionHashLabel]));
  return old
    .toSorted((a, b) => a.revision - b.revision)
    .filter((revision) => !inUse.has(hashOf(revision)))
    .slice(0, surplus);
}

/** The hash that pods of a revision carry. Revisions of very old clusters have only their name. */
export function hashOf({ metadata }: ControllerRevision): string {
  return metadata.labels?.[revisionHashLabel] ?? metadata.name;
}

const defaultHistoryLimit = 10;
