import type { ResourceTotals } from "../resource-list.ts";
import type { QuotaEvaluator } from "./quota-evaluator.ts";

/**
 * Counts objects of a kind under `count/<name>`.
 * @param name the plural, with the group behind a dot
 * @param aliases further names that count the same
 */
export function createCountEvaluator(name: string, aliases: readonly string[] = []): QuotaEvaluator {
  const own = new Set([`count/${name}`, ...aliases]);
  const usage: ResourceTotals = Object.freeze(Object.fromEntries([...own].map((counted) => [counted, "1"])));
  return {
    names: (names) => names.filter((candidate) => own.has(candidate)),
    usage: () => usage,
    isInScope: () => false,
    mayUseMore: ({ operation, subresource }) => operation === "create" && subresource === "",
    mayFree: () => false,
  };
}
