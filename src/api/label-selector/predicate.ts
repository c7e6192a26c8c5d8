import { parseInt64 } from "./int64.ts";
import type { LabelRequirement } from "./requirement.ts";

/** Labels of an object; missing ones are like none. */
export type LabelMap = Readonly<Record<string, string>> | null | undefined;

type Predicate = (labels: LabelMap) => boolean;

/** Sets pay off above this many values; below, looking through a list is faster. */
const listLookupLimit = 8;

/** Turns requirements into one function that builds no strings and allocates nothing. */
export function compileRequirements(requirements: readonly LabelRequirement[]): Predicate {
  const predicates = requirements.map(compileRequirement);
  const [first, second] = predicates;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  return (labels) => {
    for (const predicate of predicates) if (!predicate(labels)) return false;
    return true;
  };
}

// Looking up a key that only the prototype has gives no string, so exact matches need no hasOwn.
function compileRequirement({ key, operator, values }: LabelRequirement): Predicate {
  switch (operator) {
    case "exists":
      return (labels) => has(labels, key);
    case "!":
      return (labels) => !has(labels, key);
    case "gt":
    case "lt":
      return compileComparison(key, operator, values[0] as string);
    case "in":
    case "=":
    case "==":
      return compileLookup(key, values);
    case "notin":
    case "!=": {
      const isListed = compileLookup(key, values);
      return (labels) => !isListed(labels);
    }
  }
}

function compileLookup(key: string, values: readonly string[]): Predicate {
  if (values.length === 1) {
    const wanted = values[0];
    return (labels) => labels !== null && labels !== undefined && labels[key] === wanted;
  }
  const isWanted =
    values.length <= listLookupLimit
      ? (value: string) => values.includes(value)
      : Set.prototype.has.bind(new Set(values));
  return (labels) => {
    const value = labels?.[key];
    return value !== undefined && isWanted(value);
  };
}

function compileComparison(key: string, operator: "gt" | "lt", limitText: string): Predicate {
  const limit = parseInt64(limitText);
  return (labels) => {
    if (limit === undefined || !has(labels, key)) return false;
    const value = parseInt64(labels?.[key] as string);
    if (value === undefined) return false;
    return operator === "gt" ? value > limit : value < limit;
  };
}

function has(labels: LabelMap, key: string): boolean {
  return labels !== null && labels !== undefined && Object.hasOwn(labels, key);
}
