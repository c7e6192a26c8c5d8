import { goQuote } from "./go-quote.ts";
import { parseRequirements } from "./label-selector/parser.ts";
import { compileRequirements, type LabelMap } from "./label-selector/predicate.ts";
import { createLabelRequirement, type LabelOperator, type LabelRequirement } from "./label-selector/requirement.ts";
import { SelectorError } from "./label-selector/selector-error.ts";
import type { LabelSelector } from "./types/meta-v1.ts";

export { createLabelRequirement, type LabelMap, type LabelOperator, type LabelRequirement, SelectorError };

/** A compiled selector of labels. Immutable; make it once and match often. */
export interface LabelMatcher {
  /** All of these must hold, in order of their keys. Empty when everything matches, and when nothing does. */
  readonly requirements: readonly LabelRequirement[];
  /** Everything matches. */
  readonly isEverything: boolean;
  /** Nothing matches: what a missing selector means. */
  readonly isNothing: boolean;
  /** Whether labels, which may be missing, meet every requirement. */
  matches(labels: LabelMap): boolean;
  /** The one value that a label must have, for whoever keeps an index by it; undefined when the selector leaves a choice. */
  requiredValue(key: string): string | undefined;
  /** The canonical string form, which `parseLabelSelector` reads. */
  toString(): string;
}

/** Matches whatever it is given. */
export const everyLabel: LabelMatcher = createLabelMatcher([]);

/** Matches nothing at all. */
export const noLabel: LabelMatcher = Object.freeze({
  requirements: Object.freeze([]),
  isEverything: false,
  isNothing: true,
  matches: () => false,
  requiredValue: () => undefined,
  toString: () => "",
});

/**
 * Reads the string form: `a=b,c!=d,e in (x,y),f notin (z),g,!h,i>3`. The empty string matches everything.
 * @throws {SelectorError} with the words that the API answers with as BadRequest
 */
export function parseLabelSelector(text: string): LabelMatcher {
  return createLabelMatcher(parseRequirements(text));
}

const objectOperators: Readonly<Record<string, LabelOperator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
};

/**
 * Compiles the object form. A missing selector matches nothing, an empty one everything.
 * @throws {SelectorError} when a key, value or operator is not allowed
 */
export function compileLabelSelector(selector: LabelSelector | null | undefined): LabelMatcher {
  if (selector === null || selector === undefined) return noLabel;
  const matchLabels = selector.matchLabels ?? {};
  const requirements = Object.keys(matchLabels)
    .sort()
    .map((key) => createLabelRequirement(key, "=", [matchLabels[key] as string]));
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = Object.hasOwn(objectOperators, operator) ? objectOperators[operator] : undefined;
    if (known === undefined) throw new SelectorError(`${goQuote(operator)} is not a valid label selector operator`);
    requirements.push(createLabelRequirement(key, known, values ?? []));
  }
  return createLabelMatcher(requirements);
}

/** Matches labels that include all of these; everything when there are none. Values are not checked. */
export function selectLabels(required: LabelMap): LabelMatcher {
  const keys = Object.keys(required ?? {});
  return createLabelMatcher(
    keys.map((key): LabelRequirement => ({ key, operator: "=", values: [required?.[key] as string] })),
  );
}

/** Compiles requirements that have been checked already. */
export function createLabelMatcher(requirements: readonly LabelRequirement[]): LabelMatcher {
  const ordered = requirements.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return Object.freeze({
    requirements: Object.freeze(ordered),
    isEverything: ordered.length === 0,
    isNothing: false,
    matches: compileRequirements(ordered),
    requiredValue: (key: string) => requiredValue(ordered, key),
    toString: () => ordered.map(formatRequirement).join(","),
  });
}

/** The object form as tables and describe show it: `<none>` when empty, `<error>` when it cannot be compiled. */
export function formatLabelSelector(selector: LabelSelector | null | undefined): string {
  try {
    return compileLabelSelector(selector).toString() || "<none>";
  } catch (error) {
    if (error instanceof SelectorError) return "<error>";
    throw error;
  }
}

function requiredValue(requirements: readonly LabelRequirement[], key: string): string | undefined {
  const first = requirements.find((requirement) => requirement.key === key);
  const isExact = first?.operator === "=" || first?.operator === "==" || first?.operator === "in";
  return isExact && first.values.length === 1 ? first.values[0] : undefined;
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  const list = values.toSorted().join(",");
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${list})`;
    case "gt":
      return `${key}>${list}`;
    case "lt":
      return `${key}<${list}`;
    default:
      return `${key}${operator}${list}`;
  }
}
