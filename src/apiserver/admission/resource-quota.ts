import type { ApiObject } from "../../api/metadata.ts";
import { resourceQuotas } from "../../api/resources.ts";
import type { ResourceQuota } from "../../api/types/core-v1.ts";
import type { Clock } from "../../base/clock.ts";
import { type QuotaWrite, quotaEvaluator } from "../../resources/quota.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { LiveObjects } from "../live-objects.ts";
import { chargeQuotas } from "./quota-charge.ts";
import { type Charge, createQuotaLedger } from "./quota-ledger.ts";
import { refuse } from "./refusal.ts";

/**
 * Refuses what goes beyond the quotas of a namespace, and notes in them what is used. What is no longer used is given
 * back by a controller. Source: Kubernetes documentation, "Resource Quotas"; words of kube-apiserver v1.36.
 * @param store writes the status of a quota
 */
export function createResourceQuotaAdmission(
  objects: LiveObjects,
  clock: Clock,
  store: (quota: ResourceQuota) => Promise<unknown>,
): AdmissionPlugin {
  const { cache } = objects.of(resourceQuotas);
  const quotasOf = (namespace: string): readonly ResourceQuota[] =>
    cache.list(namespace).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const ledger = createQuotaLedger({
    quotasOf,
    async store(quota) {
      await store(quota);
    },
  });
  return {
    name: "ResourceQuota",
    handles: ({ namespace, resource }, operation) =>
      namespace !== "" && resource !== "namespaces" && (operation === "create" || operation === "update"),
    validate(request) {
      const { namespace, group, resource: plural } = request.attributes;
      if (cache.list(namespace).length === 0) return undefined;
      const evaluator = quotaEvaluator({ group, plural });
      const write = writeOf(request);
      if (evaluator?.mayUseMore(write) !== true) return undefined;
      const charge = (quotas: readonly ResourceQuota[]) => chargeQuotas(quotas, evaluator, write, clock.nowMs());
      return refuseIfNeeded(
        request,
        request.dryRun ? tryOut(charge, quotasOf(namespace)) : ledger.charge(namespace, charge),
      );
    },
  };
}

/** Says whether a charge would be refused, and keeps no account of it. */
async function tryOut(charge: Charge, quotas: readonly ResourceQuota[]): Promise<string | undefined> {
  const result = charge(quotas);
  return typeof result === "string" ? result : undefined;
}

async function refuseIfNeeded(request: AdmissionRequest, charged: Promise<string | undefined>): Promise<void> {
  const refusal = await charged;
  if (refusal !== undefined) throw refuse(request, refusal);
}

function writeOf({ attributes, operation, object, oldObject }: AdmissionRequest): QuotaWrite {
  return {
    operation: operation === "create" ? "create" : "update",
    subresource: attributes.subresource,
    object: object as ApiObject,
    oldObject,
  };
}
