import type { ApiObject } from "../../api/metadata.ts";
import type { ScopedResourceSelectorRequirement } from "../../api/types/core-v1.ts";
import type { ResourceTotals } from "../resource-list.ts";

/** A write that may use more of a quota. */
export interface QuotaWrite {
  readonly operation: "create" | "update";
  readonly subresource: string;
  readonly object: ApiObject;
  /** Undefined on create. */
  readonly oldObject: ApiObject | undefined;
}

/** Measures what objects of one kind use of quotas. */
export interface QuotaEvaluator {
  /** Those of the names that it can measure. */
  names(names: readonly string[]): readonly string[];
  /** What one object uses of everything that it can measure. */
  usage(object: ApiObject, nowMs: number): ResourceTotals;
  isInScope(scope: ScopedResourceSelectorRequirement, object: ApiObject): boolean;
  /** Whether a write may change what is used. */
  mayUseMore(write: QuotaWrite): boolean;
  /** Whether a change of an object may leave more of a quota to others. */
  mayFree(before: ApiObject, after: ApiObject, nowMs: number): boolean;
  /** What an object must say before a quota of these names can count it. @returns what is wrong */
  findOmission?(names: readonly string[], object: ApiObject): string | undefined;
}

/** Whether a value (or its absence) is what a scope asks for. */
export function isSelected(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  actual: string | undefined,
): boolean {
  switch (operator) {
    case "In":
      return actual !== undefined && values.includes(actual);
    case "NotIn":
      return actual === undefined || !values.includes(actual);
    case "Exists":
      return actual !== undefined;
    case "DoesNotExist":
      return actual === undefined;
  }
}
