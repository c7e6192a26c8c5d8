import { hasReason } from "../../api/status-error.ts";
import type { ResourceQuota } from "../../api/types/core-v1.ts";

/** Charges one write to the quotas of a namespace. @returns the quotas as they are then, or why it is refused */
export type Charge = (quotas: readonly ResourceQuota[]) => readonly ResourceQuota[] | string;

/** Keeps the accounts of all quotas. Writes of a namespace that come together are charged with one update per quota. */
export interface QuotaLedger {
  /** Why the write is refused; undefined when it was charged. @throws {StatusError} when a quota cannot be written */
  charge(namespace: string, charge: Charge): Promise<string | undefined>;
}

interface Waiting {
  readonly charge: Charge;
  readonly answer: PromiseWithResolvers<string | undefined>;
}

/** How often a quota is written again that somebody else has changed meanwhile. */
const maxAttempts = 4;

/** Creates a ledger. `quotasOf` gives the quotas as they are now; `store` writes the status of one. */
export function createQuotaLedger(parts: {
  quotasOf(namespace: string): readonly ResourceQuota[];
  store(quota: ResourceQuota): Promise<void>;
}): QuotaLedger {
  const waiting = new Map<string, Waiting[]>();

  /** Charges a batch to some quotas, and again to those that were changed by somebody else meanwhile. */
  const settle = async (namespace: string, batch: readonly Waiting[]): Promise<void> => {
    const refusals = new Map<Waiting, string>();
    let quotas = parts.quotasOf(namespace);
    for (let attempt = 1; quotas.length > 0; attempt += 1) {
      const after = chargeAll(quotas, batch, refusals);
      const contested = new Set<string>();
      await Promise.all(
        after.map(async (quota, index) => {
          if (quota === quotas[index]) return;
          try {
            await parts.store(quota);
          } catch (error) {
            // A quota that is gone limits nothing any more.
            if (hasReason(error, "NotFound")) return;
            if (!hasReason(error, "Conflict") || attempt === maxAttempts) throw error;
            contested.add(quota.metadata.name);
          }
        }),
      );
      quotas = parts.quotasOf(namespace).filter((quota) => contested.has(quota.metadata.name));
    }
    for (const one of batch) one.answer.resolve(refusals.get(one));
  };
  const run = async (namespace: string, queue: Waiting[]): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.splice(0);
      try {
        await settle(namespace, batch);
      } catch (error) {
        for (const one of batch) one.answer.reject(error);
      }
    }
    waiting.delete(namespace);
  };
  return {
    charge(namespace, charge) {
      const one: Waiting = { charge, answer: Promise.withResolvers() };
      const queue = waiting.get(namespace);
      if (queue !== undefined) {
        queue.push(one);
        return one.answer.promise;
      }
      const started = [one];
      waiting.set(namespace, started);
      void run(namespace, started);
      return one.answer.promise;
    },
  };
}

/** Charges those of a batch that are not refused, one after another. */
function chargeAll(
  quotas: readonly ResourceQuota[],
  batch: readonly Waiting[],
  refusals: Map<Waiting, string>,
): readonly ResourceQuota[] {
  let after = quotas;
  for (const one of batch) {
    if (refusals.has(one)) continue;
    const result = one.charge(after);
    if (typeof result === "string") refusals.set(one, result);
    else after = result;
  }
  return after;
}
