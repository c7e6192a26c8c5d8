/** Selectors by which workloads know their pods. */
import { type FieldError, type FieldPath, fieldError } from "../api/field-error.ts";
import { compileLabelSelector, type LabelMatcher, SelectorError } from "../api/label-selector.ts";
import type { LabelSelector } from "../api/types/meta-v1.ts";
import { compareUtf8 } from "../api/utf8.ts";
import { checkLabelSelector, immutableFault, sameValue } from "./field-checks.ts";

/** Compiles a selector; undefined when it cannot be. */
export function compilePodSelector(selector: LabelSelector | null | undefined): LabelMatcher | undefined {
  try {
    return compileLabelSelector(selector);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/**
 * Checks a selector that must select something.
 * @param kind how the message names the kind
 */
export function checkPodSelector(
  errors: FieldError[],
  path: FieldPath,
  selector: LabelSelector | null | undefined,
  kind: string,
): void {
  if (selector === undefined || selector === null) {
    errors.push(fieldError.required(path));
    return;
  }
  checkLabelSelector(errors, path, selector);
  if (isEmptySelector(selector))
    errors.push(fieldError.invalid(path, selectorForm(selector), `empty selector is invalid for ${kind}`));
}

/** True for a selector that asks for nothing, and so selects everything. */
export function isEmptySelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** Checks that a template makes pods that the selector selects. */
export function checkTemplateLabels(
  errors: FieldError[],
  templatePath: FieldPath,
  selector: LabelMatcher,
  labels: Readonly<Record<string, string>> | undefined,
): void {
  if (selector.matches(labels)) return;
  errors.push(
    fieldError.invalid(
      templatePath.child("metadata").child("labels"),
      labels === undefined ? null : sortedMap(labels),
      "`selector` does not match template `labels`",
    ),
  );
}

/** Refuses another selector than before. */
export function requireSameSelector(
  errors: FieldError[],
  path: FieldPath,
  selector: LabelSelector | null | undefined,
  old: LabelSelector | null | undefined,
): void {
  if (!sameValue(selector, old)) errors.push(fieldError.invalid(path, selectorForm(selector), immutableFault));
}

/** A selector as messages show it. */
export function selectorForm(selector: LabelSelector | null | undefined): unknown {
  if (selector === undefined || selector === null) return null;
  const { matchLabels, matchExpressions } = selector;
  return {
    ...(matchLabels === undefined ? {} : { matchLabels: sortedMap(matchLabels) }),
    ...(matchExpressions === undefined
      ? {}
      : { matchExpressions: matchExpressions.map(({ key, operator, values }) => ({ key, operator, values })) }),
  };
}

/** A map as messages show it, in the order of its keys. */
export function sortedMap<T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.keys(map)
      .sort(compareUtf8)
      .map((key) => [key, map[key] as T]),
  );
}
