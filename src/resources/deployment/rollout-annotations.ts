import type { Deployment } from "../../api/types/apps-v1.ts";
import type { RolloutLimits } from "./rollout-limits.ts";

/** Annotations by which a Deployment and its ReplicaSets remember a rollout. Source: Kubernetes documentation, "Deployments". */
export const rolloutAnnotations = {
  revision: "deployment.kubernetes.io/revision",
  revisionHistory: "deployment.kubernetes.io/revision-history",
  desiredReplicas: "deployment.kubernetes.io/desired-replicas",
  maxReplicas: "deployment.kubernetes.io/max-replicas",
} as const;

type Annotations = Readonly<Record<string, string>>;

/** What a ReplicaSet does not take over from its Deployment. */
const notCopied: ReadonlySet<string> = new Set([
  ...Object.values(rolloutAnnotations),
  "kubectl.kubernetes.io/last-applied-configuration",
  "deprecated.deployment.rollback.to",
]);

/** Longest revision history, in characters; the oldest revisions are dropped first. */
const maxHistoryLength = 2000;

/** The revision number; 0 when there is none, undefined when it is no number. */
export function revisionOf(annotations: Annotations | undefined): number | undefined {
  const text = annotations?.[rolloutAnnotations.revision];
  if (text === undefined) return 0;
  return readInteger(text);
}

/** A count that an annotation holds; undefined when it is missing or is no count. */
export function annotatedCount(annotations: Annotations, name: string): number | undefined {
  const text = annotations[name];
  return text !== undefined && /^[0-9]{1,10}$/.test(text) && Number(text) < 2 ** 31 ? Number(text) : undefined;
}

/** Annotations of a ReplicaSet once it knows how many replicas its Deployment wants now. */
export function withReplicaCounts(annotations: Annotations, limits: RolloutLimits): Annotations {
  return changed(annotations, {
    [rolloutAnnotations.desiredReplicas]: String(limits.desired),
    [rolloutAnnotations.maxReplicas]: String(limits.desired + limits.maxSurge),
  });
}

/**
 * Annotations of the current ReplicaSet: those of its Deployment, and the newest revision. When an older revision is
 * current again, its former number goes into the history. Gives back the very object when nothing changes.
 */
export function withRevision(annotations: Annotations, deployment: Deployment, newRevision: number): Annotations {
  const copied = changed(annotations, copiedAnnotations(deployment));
  const oldText = annotations[rolloutAnnotations.revision];
  const oldRevision = oldText === undefined || oldText === "" ? 0 : readInteger(oldText);
  if (oldRevision === undefined) return annotations;
  if (oldRevision >= newRevision) return copied;
  return changed(copied, {
    [rolloutAnnotations.revision]: String(newRevision),
    ...(oldText === undefined ? {} : renderHistory(annotations[rolloutAnnotations.revisionHistory] ?? "", oldText)),
  });
}

function copiedAnnotations(deployment: Deployment): Annotations {
  const copied: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(deployment.metadata.annotations ?? {}))
    if (!notCopied.has(name)) copied[name] = value;
  return copied;
}

function renderHistory(history: string, oldRevision: string): Annotations {
  if (history === "") return { [rolloutAnnotations.revisionHistory]: oldRevision };
  const revisions = history.split(",");
  while (revisions.length > 0 && revisions.join(",").length + oldRevision.length + 1 > maxHistoryLength)
    revisions.shift();
  return { [rolloutAnnotations.revisionHistory]: [...revisions, oldRevision].join(",") };
}

/** The annotations with some set; the very object when all of them are so already. */
function changed(annotations: Annotations, values: Annotations): Annotations {
  const differs = Object.keys(values).some((name) => annotations[name] !== values[name]);
  return differs ? Object.assign(Object.create(null), annotations, values) : annotations;
}

function readInteger(text: string): number | undefined {
  return /^[+-]?[0-9]{1,18}$/.test(text) ? Number(text) : undefined;
}
