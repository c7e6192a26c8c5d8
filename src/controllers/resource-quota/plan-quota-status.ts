import type { ApiObject } from "../../api/metadata.ts";
import type { ResourceQuota } from "../../api/types/core-v1.ts";
import { type QuotaEvaluator, usageOfAll } from "../../resources/quota.ts";
import { sameResources } from "../../resources/resource-list.ts";

/** The objects of one kind in the namespace of a quota. */
export interface CountedKind {
  readonly evaluator: QuotaEvaluator;
  readonly objects: readonly ApiObject[];
}

/**
 * Says how much of a quota is used. What no kind measures is left as it was.
 * @returns undefined when the quota says so already
 */
export function planQuotaStatus(
  quota: ResourceQuota,
  kinds: readonly CountedKind[],
  nowMs: number,
): ResourceQuota["status"] | undefined {
  const hard = quota.spec.hard ?? {};
  const measured: Record<string, string> = {};
  for (const { evaluator, objects } of kinds) Object.assign(measured, usageOfAll(quota, evaluator, objects, nowMs));
  const used: Record<string, string> = {};
  for (const name of Object.keys(hard).sort()) {
    const amount = measured[name] ?? quota.status.used?.[name];
    if (amount !== undefined) used[name] = amount;
  }
  const { status } = quota;
  const isKnown =
    status.hard !== undefined &&
    status.used !== undefined &&
    sameResources(hard, status.hard) &&
    sameResources(used, status.used);
  return isKnown ? undefined : { hard, used };
}
