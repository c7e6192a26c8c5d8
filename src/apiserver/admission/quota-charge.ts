import type { ApiObject } from "../../api/metadata.ts";
import { addQuantities, compareQuantities, subtractQuantities } from "../../api/quantity.ts";
import type { ResourceQuota } from "../../api/types/core-v1.ts";
import { type QuotaEvaluator, type QuotaWrite, scopesOf } from "../../resources/quota.ts";

type Amounts = Readonly<Record<string, string>>;

/**
 * Charges a write to all quotas that count it.
 * @returns the quotas with what is used then, those it does not change as they are; or why the write is refused
 */
export function chargeQuotas(
  quotas: readonly ResourceQuota[],
  evaluator: QuotaEvaluator,
  write: QuotaWrite,
  nowMs: number,
): readonly ResourceQuota[] | string {
  const counting = quotas.filter((quota) => counts(quota, evaluator, write.object));
  for (const quota of counting) {
    const obstacle = findObstacle(quota, evaluator, write.object);
    if (obstacle !== undefined) return obstacle;
  }
  if (counting.length === 0) return quotas;
  const usage = evaluator.usage(write.object, nowMs);
  const negative = Object.keys(usage).filter((name) => usage[name]?.startsWith("-"));
  if (negative.length > 0) return `quota usage is negative for resource(s): ${negative.sort().join(",")}`;
  const before = write.oldObject === undefined ? undefined : evaluator.usage(write.oldObject, nowMs);
  const charged: ResourceQuota[] = [];
  for (const quota of quotas) {
    if (!counting.includes(quota)) {
      charged.push(quota);
      continue;
    }
    const counted = write.oldObject !== undefined && counts(quota, evaluator, write.oldObject) ? before : undefined;
    const result = chargeQuota(quota, growth(usage, counted), write.subresource !== "status");
    if (typeof result === "string") return result;
    charged.push(result);
  }
  return charged;
}

/** Whether a quota limits anything that the object uses. */
function counts(quota: ResourceQuota, evaluator: QuotaEvaluator, object: ApiObject): boolean {
  return (
    evaluator.names(hardNames(quota)).length > 0 && scopesOf(quota).every((scope) => evaluator.isInScope(scope, object))
  );
}

function findObstacle(quota: ResourceQuota, evaluator: QuotaEvaluator, object: ApiObject): string | undefined {
  const { name } = quota.metadata;
  const names = evaluator.names(hardNames(quota));
  const omission = evaluator.findOmission?.(names, object);
  if (omission !== undefined) return `failed quota: ${name}: ${omission}`;
  if (names.every((counted) => quota.status.used?.[counted] !== undefined)) return undefined;
  return `status unknown for quota: ${name}, resources: ${[...names].sort().join(",")}`;
}

/** What an object uses more than before. */
function growth(usage: Amounts, before: Amounts | undefined): Amounts {
  const grown: Record<string, string> = {};
  for (const name of Object.keys(usage)) {
    const amount = usage[name] as string;
    const more = before?.[name] === undefined ? amount : subtractQuantities(amount, before[name]);
    if (compareQuantities(more, "0") > 0) grown[name] = more;
  }
  return grown;
}

function chargeQuota(quota: ResourceQuota, growth: Amounts, isLimited: boolean): ResourceQuota | string {
  const { hard = {}, used = {} } = quota.status;
  const names = Object.keys(growth).filter((name) => hard[name] !== undefined);
  if (names.length === 0) return quota;
  const next: Record<string, string> = { ...used };
  for (const name of names) {
    const more = growth[name] as string;
    next[name] = used[name] === undefined ? more : addQuantities(used[name], more);
  }
  const exceeded = names.filter((name) => compareQuantities(next[name] as string, hard[name] as string) > 0).sort();
  if (isLimited && exceeded.length > 0) {
    const show = (amounts: Amounts): string => exceeded.map((name) => `${name}=${amounts[name] ?? "0"}`).join(",");
    const figures = `requested: ${show(growth)}, used: ${show(used)}, limited: ${show(hard)}`;
    return `exceeded quota: ${quota.metadata.name}, ${figures}`;
  }
  return { ...quota, status: { ...quota.status, used: next } };
}

function hardNames({ status }: ResourceQuota): readonly string[] {
  return Object.keys(status.hard ?? {});
}
