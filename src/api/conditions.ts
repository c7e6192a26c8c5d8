/** What all conditions share; kinds add fields of their own. Times are written as the API has them. */
export interface ConditionLike {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string | null;
}

/** The condition of a type. */
export function findCondition<T extends ConditionLike>(
  conditions: readonly T[] | undefined | null,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of a type is there with status `True`. */
export function isConditionTrue(conditions: readonly ConditionLike[] | undefined | null, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/**
 * Sets a condition. It keeps its place and the time of its last transition while the status stays the same; otherwise that
 * time is the one given in `condition`, or `now`. Gives the same list back when nothing changes but times.
 * @param now as the API writes times
 */
export function setCondition<T extends ConditionLike>(
  conditions: readonly T[] | undefined | null,
  condition: T,
  now: string,
): readonly T[] {
  const list = conditions ?? [];
  const place = list.findIndex((existing) => existing.type === condition.type);
  const existing = list[place];
  const isTransition = existing?.status !== condition.status;
  const lastTransitionTime = isTransition
    ? (condition.lastTransitionTime ?? now)
    : (existing.lastTransitionTime ?? condition.lastTransitionTime ?? now);
  const updated: T = { ...existing, ...condition, lastTransitionTime };
  if (existing === undefined) return [...list, updated];
  return isUnchanged(existing, condition) ? list : list.with(place, updated);
}

/** The conditions without the one of a type; the same list when it is not there. */
export function removeCondition<T extends ConditionLike>(
  conditions: readonly T[] | undefined | null,
  type: string,
): readonly T[] {
  const list = conditions ?? [];
  return list.some((condition) => condition.type === type) ? list.filter((condition) => condition.type !== type) : list;
}

/** Times that say when a condition was looked at or changed do not make it another. */
const times: ReadonlySet<string> = new Set([
  "lastTransitionTime",
  "lastUpdateTime",
  "lastProbeTime",
  "lastHeartbeatTime",
]);

function isUnchanged(existing: ConditionLike, condition: ConditionLike): boolean {
  const before = existing as unknown as Readonly<Record<string, unknown>>;
  const after = condition as unknown as Readonly<Record<string, unknown>>;
  return Object.keys(after).every((key) => times.has(key) || before[key] === after[key]);
}
