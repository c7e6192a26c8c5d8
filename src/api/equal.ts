/**
 * Whether two API values mean the same: as upstream compares them, a missing value, null and an empty list are alike, and the
 * order of keys does not matter. Amounts and times are compared as text, because decoding brings them to one form.
 */
export function equalSemantically(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalSemantically(item, b[index]));
  if (typeof a !== "object" || typeof b !== "object" || Array.isArray(b)) return Number.isNaN(a) && Number.isNaN(b);
  return equalMembers(a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>);
}

function equalMembers(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  for (const key of Object.keys(a))
    if (!equalSemantically(a[key], Object.hasOwn(b, key) ? b[key] : undefined)) return false;
  for (const key of Object.keys(b)) if (!Object.hasOwn(a, key) && !isNothing(b[key])) return false;
  return true;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}
