import { groupResourceName, type Resource } from "../../api/resource.ts";
import type { NamespaceCondition, NamespaceStatus } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";

/** What is left of a namespace's content after a pass. */
export interface RemainingContent {
  /** Objects that are still there, by kind; kinds without any are left out. */
  readonly objects: readonly { readonly resource: Resource; readonly count: number }[];
  /** How many of them each finalizer holds. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** Why some could not be deleted. */
  readonly failures: readonly string[];
}

interface Verdict {
  readonly reason: string;
  readonly message: string;
}

/** What each condition says when all is well, in the order in which they appear. */
const wellMessages: Readonly<Record<string, Verdict>> = {
  NamespaceDeletionDiscoveryFailure: {
    reason: "ResourcesDiscovered",
    message: "All resources successfully discovered",
  },
  NamespaceDeletionGroupVersionParsingFailure: {
    reason: "ParsedGroupVersions",
    message: "All legacy kube types successfully parsed",
  },
  NamespaceDeletionContentFailure: {
    reason: "ContentDeleted",
    message: "All content successfully deleted, may be waiting on finalization",
  },
  NamespaceContentRemaining: { reason: "ContentRemoved", message: "All content successfully removed" },
  NamespaceFinalizersRemaining: {
    reason: "ContentHasNoFinalizers",
    message: "All content-preserving finalizers finished",
  },
};

/**
 * The status of a namespace that is being emptied: each condition is true when it has something to complain of.
 * @param isComplete false when the pass has stopped at pods: what remains is not told yet
 */
export function renderNamespaceStatus(
  status: NamespaceStatus,
  content: RemainingContent,
  isComplete: boolean,
  nowMs: number,
): NamespaceStatus {
  const complaints: Readonly<Record<string, Verdict | undefined>> = {
    NamespaceDeletionContentFailure: renderFailures(content.failures),
    ...(isComplete
      ? { NamespaceContentRemaining: renderObjects(content), NamespaceFinalizersRemaining: renderFinalizers(content) }
      : {}),
  };
  const conditions = Object.keys(wellMessages).reduce<readonly NamespaceCondition[]>((present, type) => {
    const complaint = complaints[type];
    const verdict = complaint ?? (wellMessages[type] as Verdict);
    return withCondition(present, type, complaint === undefined ? "False" : "True", verdict, nowMs);
  }, status.conditions ?? []);
  return { ...status, phase: "Terminating", conditions };
}

function renderFailures(failures: readonly string[]): Verdict | undefined {
  if (failures.length === 0) return undefined;
  const list = failures.toSorted().join(", ");
  return {
    reason: "ContentDeletionFailed",
    message: `Failed to delete all resource types, ${failures.length} remaining: ${list}`,
  };
}

function renderObjects({ objects }: RemainingContent): Verdict | undefined {
  if (objects.length === 0) return undefined;
  const list = objects
    .map(({ resource, count }) => `${qualifiedName(resource)} has ${count} resource instances`)
    .sort()
    .join(", ");
  return { reason: "SomeResourcesRemain", message: `Some resources are remaining: ${list}` };
}

/** Upstream writes the dot also where there is no group. */
function qualifiedName(resource: Resource): string {
  return resource.group === "" ? `${resource.plural}.` : groupResourceName(resource);
}

function renderFinalizers({ finalizers }: RemainingContent): Verdict | undefined {
  if (finalizers.size === 0) return undefined;
  const list = [...finalizers]
    .map(([name, count]) => `${name} in ${count} resource instances`)
    .sort()
    .join(", ");
  return {
    reason: "SomeFinalizersRemain",
    message: `Some content in the namespace has finalizers remaining: ${list}`,
  };
}

function withCondition(
  conditions: readonly NamespaceCondition[],
  type: string,
  status: "True" | "False",
  { reason, message }: Verdict,
  nowMs: number,
): readonly NamespaceCondition[] {
  const present = conditions.find((condition) => condition.type === type);
  if (present?.status === status && present.reason === reason && present.message === message) return conditions;
  const lastTransitionTime = present?.status === status ? (present.lastTransitionTime ?? null) : formatTime(nowMs);
  const condition = { type, status, lastTransitionTime, reason, message } as NamespaceCondition;
  return present === undefined
    ? [...conditions, condition]
    : conditions.map((entry) => (entry === present ? condition : entry));
}
