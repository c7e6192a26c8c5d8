import type { FieldPath } from "../../../api/field-error.ts";
import { goQuote } from "../../../api/go-quote.ts";
import { isWholeAmount } from "../../field-checks.ts";
import type { ResourceList } from "../../resource-list.ts";

/** Says when an amount that counts bytes is no whole number. */
export function warnOfFractions(warnings: string[], path: FieldPath, amounts: ResourceList, name: string): void {
  const amount = amounts[name];
  if (amount !== undefined && !isWholeAmount(amount))
    warnings.push(`${path.key(name)}: fractional byte value ${goQuote(amount)} is invalid, must be an integer`);
}
