import { formatQuantity, quantityMilliValue, quantityValue } from "../../api/quantity.ts";

/** Thousandths of an amount; 0 when there is none. */
export function milliOf(amount: string | undefined): number {
  return amount === undefined ? 0 : quantityMilliValue(amount);
}

/** Units of an amount; 0 when there is none. */
export function bytesOf(amount: string | undefined): number {
  return amount === undefined ? 0 : quantityValue(amount);
}

/** Thousandths as the API writes them: `1500m`, `2`. */
export function formatMillis(millis: number): string {
  return formatQuantity({ nanos: BigInt(Math.round(millis)) * 1_000_000n, format: "DecimalSI" });
}

/** Bytes as the API writes them: `64Mi`. */
export function formatBytes(bytes: number): string {
  return formatQuantity({ nanos: BigInt(Math.round(bytes)) * 1_000_000_000n, format: "BinarySI" });
}
