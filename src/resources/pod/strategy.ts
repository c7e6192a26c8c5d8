import type { Draft } from "../../api/draft.ts";
import type { Container, Pod } from "../../api/types/core-v1.ts";
import type { WriteContext } from "../definition.ts";
import { computeQosClass } from "../pod-resources.ts";
import { applyAppArmorAnnotations } from "./app-armor.ts";
import { dropDisabledFields } from "./disabled-fields.ts";
import { applyLabelKeys } from "./label-keys.ts";

/** Gives a new pod the status that it starts with, and writes out what its selectors leave to be read from its labels. */
export function preparePodForCreate(draft: Draft<Pod>, context: WriteContext): void {
  dropDisabledFields(draft.spec, undefined);
  draft.status = { phase: "Pending", qosClass: draft.status.qosClass ?? computeQosClass(draft.spec as Pod["spec"]) };
  if ((draft.spec.schedulingGates?.length ?? 0) > 0)
    draft.status.conditions = [
      {
        type: "PodScheduled",
        status: "False",
        lastProbeTime: null,
        lastTransitionTime: null,
        reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates",
      },
    ];
  applyLabelKeys(draft);
  applyAppArmorAnnotations(draft, context.warn);
}

/** A plain update leaves the status alone. */
export function preparePodForUpdate(draft: Draft<Pod>, old: Pod): void {
  draft.status = old.status as Draft<Pod["status"]>;
  dropDisabledFields(draft.spec, old.spec);
}

/**
 * An update of the status leaves everything else alone, and cannot forget what only the status remembers: the class
 * and the generations that were observed.
 */
export function preparePodForStatusUpdate(draft: Draft<Pod>, old: Pod): void {
  draft.spec = old.spec as Draft<Pod["spec"]>;
  delete draft.metadata.deletionTimestamp;
  if (old.metadata.ownerReferences === undefined) delete draft.metadata.ownerReferences;
  else draft.metadata.ownerReferences = old.metadata.ownerReferences as Draft<Pod>["metadata"]["ownerReferences"];
  if (old.status.qosClass !== undefined) draft.status.qosClass ??= old.status.qosClass;
  keepObservedGenerations(draft, old);
  if ((old.status.nodeAllocatableResourceClaimStatuses?.length ?? 0) === 0)
    delete draft.status.nodeAllocatableResourceClaimStatuses;
}

/** An update of `/ephemeralcontainers` changes those alone. */
export function preparePodForEphemeralContainers(draft: Draft<Pod>, old: Pod): void {
  const { ephemeralContainers } = draft.spec;
  keepMetadata(draft, old);
  draft.status = old.status as Draft<Pod["status"]>;
  draft.spec = { ...(old.spec as Draft<Pod["spec"]>) };
  if (ephemeralContainers === undefined) delete draft.spec.ephemeralContainers;
  else draft.spec.ephemeralContainers = ephemeralContainers;
}

/** An update of `/resize` changes resources and resize policies alone. Other containers are left for validation to refuse. */
export function preparePodForResize(draft: Draft<Pod>, old: Pod): void {
  const { resources, containers, initContainers } = draft.spec;
  const oldSpec = old.spec as Draft<Pod["spec"]>;
  const sameCounts =
    (containers?.length ?? 0) === (oldSpec.containers?.length ?? 0) &&
    (initContainers?.length ?? 0) === (oldSpec.initContainers?.length ?? 0);
  if (!sameCounts) return;
  keepMetadata(draft, old);
  draft.status = old.status as Draft<Pod["status"]>;
  draft.spec = { ...oldSpec, containers: withNewResources(containers, oldSpec.containers) };
  if (resources === undefined) delete draft.spec.resources;
  else draft.spec.resources = resources;
  if (initContainers !== undefined)
    draft.spec.initContainers = withNewResources(initContainers, oldSpec.initContainers ?? []);
}

function withNewResources(containers: Draft<Container>[], old: Draft<Container>[]): Draft<Container>[] {
  const isReordered = containers.some((container, index) => container.name !== old[index]?.name);
  if (isReordered) return containers;
  return containers.map(({ resources, resizePolicy }, index) => {
    const { resizePolicy: _unused, ...kept } = old[index] as Draft<Container>;
    return resizePolicy === undefined ? { ...kept, resources } : { ...kept, resources, resizePolicy };
  });
}

/** What sub-resources may not change of an object's metadata. */
function keepMetadata(draft: Draft<Pod>, old: Pod): void {
  const { resourceVersion, managedFields } = draft.metadata;
  draft.metadata = { ...(old.metadata as Draft<Pod["metadata"]>), resourceVersion };
  if (managedFields !== undefined) draft.metadata.managedFields = managedFields;
}

function keepObservedGenerations(draft: Draft<Pod>, old: Pod): void {
  if (old.status.observedGeneration !== undefined) draft.status.observedGeneration ??= old.status.observedGeneration;
  const remembered = new Map<string, number[]>();
  for (const condition of old.status.conditions ?? []) {
    const generations = remembered.get(condition.type) ?? [];
    generations.push(condition.observedGeneration ?? 0);
    remembered.set(condition.type, generations);
  }
  // More than one condition of a type is allowed, so they are matched in order.
  for (const condition of draft.status.conditions ?? []) {
    const generation = remembered.get(condition.type)?.shift() ?? 0;
    if (generation !== 0) condition.observedGeneration ??= generation;
  }
}

/**
 * A pod that runs on a node is given time to end, as long as the request or the pod asks; any other goes at once.
 * @param requestedGraceSeconds what the delete asked for
 */
export function podDeletionGrace(pod: Pod, requestedGraceSeconds: number | undefined): { graceSeconds: number } {
  const isRunning =
    (pod.spec.nodeName ?? "") !== "" && pod.status.phase !== "Failed" && pod.status.phase !== "Succeeded";
  if (!isRunning) return { graceSeconds: 0 };
  const graceSeconds = requestedGraceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return { graceSeconds: graceSeconds < 0 ? 1 : graceSeconds };
}
