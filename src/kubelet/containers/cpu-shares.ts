/** The kernel's bounds of CPU weights. */
const minShares = 2;
const maxShares = 262_144;
const sharesPerCpu = 1024;

/** CPU time is measured out per this many microseconds. */
export const cpuPeriodMicros = 100_000;
const minQuotaMicros = 1_000;

/** The CPU weight that a request stands for; the least for none. */
export function cpuSharesOf(cpuMillis: number): number {
  return Math.min(maxShares, Math.max(minShares, Math.floor((cpuMillis * sharesPerCpu) / 1000)));
}

/** CPU time per period that a limit stands for; 0, meaning no limit, for none. */
export function cpuQuotaOf(cpuMillis: number): number {
  if (cpuMillis === 0) return 0;
  return Math.max(minQuotaMicros, Math.floor((cpuMillis * cpuPeriodMicros) / 1000));
}

/** The request, in thousandths of a CPU, that a weight stands for. */
export function cpuMillisOfShares(shares: number): number {
  return shares >= minShares ? Math.ceil((shares * 1000) / sharesPerCpu) : 0;
}

/** The limit, in thousandths of a CPU, that a quota stands for; 0 for none. */
export function cpuMillisOfQuota(quotaMicros: number, periodMicros: number): number {
  return quotaMicros <= 0 || periodMicros <= 0 ? 0 : Math.floor((quotaMicros * 1000) / periodMicros);
}

/** Requests at or below this many thousandths of a CPU all mean the least weight. */
export const minSharesMillis = 2;

/** Limits at or below this many thousandths of a CPU all mean the same quota. */
export const minCpuLimitMillis = 10;
