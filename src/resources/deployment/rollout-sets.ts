import type { Input } from "../../api/draft.ts";
import type { Deployment, ReplicaSet, ReplicaSetStatus } from "../../api/types/apps-v1.ts";
import type { PodTemplateSpec } from "../../api/types/core-v1.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { controllerReference } from "../../controllerkit/ownership.ts";
import { templateHash, templateHashLabel } from "../../controllerkit/template-hash.ts";
import { revisionOf, withReplicaCounts, withRevision } from "./rollout-annotations.ts";
import type { RolloutLimits } from "./rollout-limits.ts";

/** A ReplicaSet while a pass over its Deployment is being planned: as it stands, and as it is to be. */
export interface PlannedSet {
  /** As the server has it; undefined for one that is to be created. */
  readonly stored: ReplicaSet | undefined;
  readonly name: string;
  readonly creationTimestamp: string;
  readonly status: ReplicaSetStatus;
  replicas: number;
  minReadySeconds: number;
  annotations: Readonly<Record<string, string>>;
  /** Changes of its size in this pass, for events. */
  readonly scalings: { readonly from: number; readonly to: number }[];
}

/** The ReplicaSets of a Deployment: the one with its present template, and all others, oldest first. */
export interface RolloutSets {
  current: PlannedSet | undefined;
  readonly old: readonly PlannedSet[];
}

/** Sorts a Deployment's ReplicaSets out. Of several with the present template the oldest is current. */
export function sortOutSets(deployment: Deployment, replicaSets: readonly ReplicaSet[]): RolloutSets {
  const byAge = replicaSets.toSorted((a, b) => compareAge(a.metadata, b.metadata));
  const current = byAge.find((set) => isSameTemplate(set.spec.template, deployment.spec.template));
  return {
    current: current === undefined ? undefined : plannedFrom(current),
    old: byAge.filter((set) => set !== current).map(plannedFrom),
  };
}

/** All sets of a Deployment, the current one last. */
export function allSets(sets: RolloutSets): readonly PlannedSet[] {
  return sets.current === undefined ? sets.old : [...sets.old, sets.current];
}

/** Sets that have, or ought to have, pods. */
export function activeSets(sets: readonly PlannedSet[]): readonly PlannedSet[] {
  return sets.filter((set) => set.replicas > 0);
}

/** The sum of some count over sets. */
export function sumOf(sets: readonly PlannedSet[], count: (set: PlannedSet) => number | undefined): number {
  return sets.reduce((sum, set) => sum + (count(set) ?? 0), 0);
}

/** Changes the size of a set and notes what its Deployment wants. @returns whether the size changed */
export function scaleSet(set: PlannedSet, replicas: number, limits: RolloutLimits): boolean {
  if (set.replicas === replicas) return false;
  set.scalings.push({ from: set.replicas, to: replicas });
  set.replicas = replicas;
  set.annotations = withReplicaCounts(set.annotations, limits);
  return true;
}

/** The revision of the next rollout: one more than that of any old set. */
export function nextRevision(sets: RolloutSets): number {
  return Math.max(0, ...sets.old.map((set) => revisionOf(set.annotations) ?? 0)) + 1;
}

interface Aged {
  readonly name: string;
  readonly creationTimestamp: string;
}

/** Older sets first, then by name. */
export function compareAge(a: Aged, b: Aged): number {
  if (a.creationTimestamp !== b.creationTimestamp) return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Whether two templates make the same pods; the label that tells revisions apart does not count. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return deepEqual(withoutHash(a.metadata), withoutHash(b.metadata)) && deepEqual(a.spec, b.spec);
}

function withoutHash(metadata: PodTemplateSpec["metadata"]): PodTemplateSpec["metadata"] {
  if (metadata.labels?.[templateHashLabel] === undefined) return metadata;
  const { [templateHashLabel]: _hash, ...labels } = metadata.labels;
  const { labels: _labels, ...others } = metadata;
  return Object.keys(labels).length === 0 ? others : { ...others, labels };
}

/** The ReplicaSet that a Deployment's present template asks for, without pods yet. */
export function newSet(deployment: Deployment, sets: RolloutSets, limits: RolloutLimits): PlannedSet {
  return {
    stored: undefined,
    name: setName(deployment.metadata.name, hashOf(deployment)),
    creationTimestamp: "",
    status: { replicas: 0 },
    replicas: 0,
    minReadySeconds: deployment.spec.minReadySeconds ?? 0,
    annotations: withReplicaCounts(withRevision({}, deployment, nextRevision(sets)), limits),
    scalings: [],
  };
}

/** A planned set as the object to create. */
export function renderNewSet(deployment: Deployment, set: PlannedSet): Input<ReplicaSet> {
  const { selector, template } = deployment.spec;
  const hash = { [templateHashLabel]: hashOf(deployment) };
  const labels = { ...template.metadata.labels, ...hash };
  return {
    metadata: {
      name: set.name,
      namespace: deployment.metadata.namespace,
      labels,
      annotations: set.annotations,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: set.replicas,
      ...(set.minReadySeconds === 0 ? {} : { minReadySeconds: set.minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, ...hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** A changed set as the object to write; undefined when it is as it was. */
export function renderChangedSet({
  stored,
  replicas,
  minReadySeconds,
  annotations,
}: PlannedSet): ReplicaSet | undefined {
  if (stored === undefined) return undefined;
  const isSame =
    (stored.spec.replicas ?? 1) === replicas &&
    (stored.spec.minReadySeconds ?? 0) === minReadySeconds &&
    deepEqual(stored.metadata.annotations ?? {}, annotations);
  if (isSame) return undefined;
  return {
    ...stored,
    metadata: { ...stored.metadata, annotations },
    spec: { ...stored.spec, replicas, minReadySeconds },
  };
}

function plannedFrom(stored: ReplicaSet): PlannedSet {
  const { metadata, spec, status } = stored;
  return {
    stored,
    name: metadata.name,
    creationTimestamp: metadata.creationTimestamp,
    status,
    replicas: spec.replicas ?? 1,
    minReadySeconds: spec.minReadySeconds ?? 0,
    annotations: metadata.annotations ?? {},
    scalings: [],
  };
}

function hashOf(deployment: Deployment): string {
  return templateHash(deployment.spec.template, deployment.status.collisionCount);
}

/** Longest name of a ReplicaSet. */
const maxNameLength = 253;

function setName(deploymentName: string, hash: string): string {
  return `${deploymentName.slice(0, maxNameLength - 1 - hash.length)}-${hash}`;
}
