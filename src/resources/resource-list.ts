import { addQuantities, compareQuantities, formatQuantity, parseQuantity } from "../api/quantity.ts";

/** Amounts by resource name, as `requests`, `limits` and `capacity` hold them. */
export type ResourceList = Readonly<Record<string, string>>;

/** Amounts that are being added up. Has no prototype. */
export type ResourceTotals = Record<string, string>;

/** An empty list to add to. */
export function createTotals(): ResourceTotals {
  return Object.create(null) as ResourceTotals;
}

/** Adds every amount of `list` to `totals`. */
export function addResources(totals: ResourceTotals, list: ResourceList | undefined): void {
  if (list === undefined) return;
  for (const name of Object.keys(list)) {
    const amount = list[name] as string;
    const present = totals[name];
    totals[name] = present === undefined ? amount : addQuantities(present, amount);
  }
}

/** Raises every amount of `totals` that is below that of `list`. */
export function raiseResources(totals: ResourceTotals, list: ResourceList | undefined): void {
  if (list === undefined) return;
  for (const name of Object.keys(list)) {
    const amount = list[name] as string;
    const present = totals[name];
    if (present === undefined || compareQuantities(amount, present) > 0) totals[name] = amount;
  }
}

/** True when the lists name the same resources with the same amounts, however they are written. */
export function sameResources(a: ResourceList | undefined, b: ResourceList | undefined): boolean {
  const names = Object.keys(a ?? {});
  if (names.length !== Object.keys(b ?? {}).length) return false;
  return names.every((name) => {
    const left = a?.[name];
    const right = b !== undefined && Object.hasOwn(b, name) ? b[name] : undefined;
    return left !== undefined && right !== undefined && (left === right || compareQuantities(left, right) === 0);
  });
}

/** True for an amount above zero. */
export function isPositive(amount: string): boolean {
  return amount !== "0" && !amount.startsWith("-");
}

const nanosPerMilli = 1_000_000n;

/** An amount rounded up to thousandths, the finest that the API keeps of resources. */
export function roundUpToMilli(amount: string): string {
  // Only these suffixes of the stored form stand for less than a thousandth.
  if (!/[nu]$|e-/.test(amount)) return amount;
  const { nanos, format } = parseQuantity(amount);
  const rest = nanos % nanosPerMilli;
  if (rest === 0n) return amount;
  return formatQuantity({ nanos: nanos - rest + (nanos > 0n ? nanosPerMilli : -nanosPerMilli), format });
}

/** Rounds every amount up, as `roundUpToMilli` does. */
export function roundAmounts(amounts: ResourceTotals | undefined): void {
  if (amounts === undefined) return;
  for (const name of Object.keys(amounts)) amounts[name] = roundUpToMilli(amounts[name] as string);
}

/** Rounds requests and limits up, as `roundUpToMilli` does. */
export function roundRequirements(
  resources: { readonly limits?: ResourceTotals; readonly requests?: ResourceTotals } | undefined,
): void {
  roundAmounts(resources?.limits);
  roundAmounts(resources?.requests);
}
