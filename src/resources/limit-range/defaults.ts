import type { Draft } from "../../api/draft.ts";
import type { LimitRangeItem } from "../../api/types/core-v1.ts";
import { type ResourceTotals, roundAmounts } from "../resource-list.ts";

/**
 * Fills in what containers get when they ask for nothing: as limit the most that is allowed, and as request their
 * limit, or the least that is allowed. Source: Kubernetes documentation, "Limit Ranges".
 */
export function applyLimitDefaults(limit: Draft<LimitRangeItem>): void {
  if (limit.type === "Container") {
    limit.default = fill(limit.default, limit.max);
    limit.defaultRequest = fill(fill(limit.defaultRequest, limit.default), limit.min);
  }
  for (const amounts of [limit.max, limit.min, limit.default, limit.defaultRequest, limit.maxLimitRequestRatio])
    roundAmounts(amounts);
}

/** Adds the amounts that are missing. */
function fill(amounts: ResourceTotals | undefined, more: ResourceTotals | undefined): ResourceTotals {
  const filled = amounts ?? (Object.create(null) as ResourceTotals);
  for (const name of Object.keys(more ?? {})) filled[name] ??= more?.[name] as string;
  return filled;
}
