import { equalJson, isJsonObject, type JsonObject, type JsonValue } from "../../api/json-value.ts";
import type { PodStatus } from "../../api/types/core-v1.ts";

/** Fields of a pod's status that the agent decides over. What is not among them is never touched. */
const ownFields = [
  "observedGeneration",
  "phase",
  "message",
  "reason",
  "hostIP",
  "hostIPs",
  "podIP",
  "podIPs",
  "startTime",
  "initContainerStatuses",
  "containerStatuses",
  "qosClass",
  "ephemeralContainerStatuses",
  "allocatedResources",
  "resources",
] as const satisfies readonly (keyof PodStatus)[];

/** Lists that a strategic patch would merge by address. */
const addressLists: ReadonlySet<string> = new Set(["hostIPs", "podIPs"]);

/**
 * The strategic merge patch from one status to another; undefined when they are the same.
 * @param uid the pod must still have it, else the patch is refused
 */
export function renderStatusPatch(uid: string, current: PodStatus, wanted: PodStatus): JsonObject | undefined {
  const from = current as unknown as JsonObject;
  const to = wanted as unknown as JsonObject;
  const status: Record<string, JsonValue> = {};
  for (const field of ownFields) {
    const change = diff(from[field], to[field]);
    if (change === undefined) continue;
    status[field] = addressLists.has(field) && Array.isArray(change) ? [...change, { $patch: "replace" }] : change;
  }
  Object.assign(status, diffConditions(current.conditions ?? [], wanted.conditions ?? []));
  return Object.keys(status).length === 0 ? undefined : { metadata: { uid }, status };
}

/** What to write over a value; undefined for nothing. Lists are replaced as a whole, fields that are gone become null. */
function diff(from: JsonValue | undefined, to: JsonValue | undefined): JsonValue | undefined {
  if (to === undefined) return from === undefined ? undefined : null;
  if (from === undefined || !isJsonObject(from) || !isJsonObject(to))
    return from !== undefined && equalJson(from, to) ? undefined : to;
  const changes: Record<string, JsonValue> = {};
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const change = diff(from[key], to[key]);
    if (change !== undefined) changes[key] = change;
  }
  return Object.keys(changes).length === 0 ? undefined : changes;
}

type Conditions = NonNullable<PodStatus["conditions"]>;

function diffConditions(from: Conditions, to: Conditions): Record<string, JsonValue> {
  const changes: JsonValue[] = [];
  for (const condition of to) {
    const before = from.find(({ type }) => type === condition.type);
    const change = diff(before as unknown as JsonValue | undefined, condition as unknown as JsonValue);
    if (isJsonObject(change)) changes.push({ ...change, type: condition.type });
  }
  for (const { type } of from)
    if (!to.some((condition) => condition.type === type)) changes.push({ $patch: "delete", type });
  if (changes.length === 0) return {};
  return { conditions: changes, "$setElementOrder/conditions": to.map(({ type }) => ({ type })) };
}
