import type { ApiObject } from "../../api/metadata.ts";
import { compareQuantities, quantityValue } from "../../api/quantity.ts";
import type { PersistentVolumeClaim } from "../../api/types/core-v1.ts";
import { isWholeAmount } from "../field-checks.ts";
import { createTotals } from "../resource-list.ts";
import { isSelected, type QuotaEvaluator } from "./quota-evaluator.ts";

const countName = "count/persistentvolumeclaims";
const claimNames = ["persistentvolumeclaims", "requests.storage"] as const;
/** What stands between the name of a storage class and what is limited for it. */
const ofClass = ".storageclass.storage.k8s.io/";
const oldClassAnnotation = "volume.beta.kubernetes.io/storage-class";

/** Counts claims and the storage that they request, in all and for each storage class. */
export const claimEvaluator: QuotaEvaluator = {
  names: (names) =>
    names.filter(
      (name) =>
        name === countName || claimNames.some((counted) => name === counted || name.endsWith(`${ofClass}${counted}`)),
    ),
  usage(object) {
    const claim = claimOf(object);
    const totals = createTotals();
    totals[countName] = "1";
    const storageClass = claim.metadata.annotations?.[oldClassAnnotation] ?? claim.spec.storageClassName ?? "";
    const amounts = [
      ["persistentvolumeclaims", "1"],
      ["requests.storage", requestedStorage(claim)],
    ] as const;
    for (const [name, amount] of amounts) {
      if (amount === undefined) continue;
      totals[name] = amount;
      if (storageClass !== "") totals[`${storageClass}${ofClass}${name}`] = amount;
    }
    return totals;
  },
  isInScope(scope, object) {
    if (scope.scopeName !== "VolumeAttributesClass") return false;
    const names = attributeClasses(claimOf(object));
    return names.length === 0 ? isSelected(scope, undefined) : names.some((name) => isSelected(scope, name));
  },
  mayUseMore: ({ subresource }) => subresource === "" || subresource === "status",
  mayFree: (before, after) => JSON.stringify(chargeOf(before)) !== JSON.stringify(chargeOf(after)),
};

/** What is requested, or what is granted already where that is more; in whole bytes. */
function requestedStorage({ spec, status }: PersistentVolumeClaim): string | undefined {
  const requested = spec.resources.requests?.["storage"];
  const granted = status.allocatedResources?.["storage"];
  if (requested === undefined) return undefined;
  const charged = granted !== undefined && compareQuantities(granted, requested) > 0 ? granted : requested;
  return isWholeAmount(charged) ? charged : String(quantityValue(charged));
}

function attributeClasses({ spec, status }: PersistentVolumeClaim): readonly string[] {
  const names = [
    spec.volumeAttributesClassName,
    status.currentVolumeAttributesClassName,
    status.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return [...new Set(names.filter((name): name is string => name !== undefined && name !== ""))];
}

/** What of a claim's state decides what it is charged. */
function chargeOf(object: ApiObject): unknown {
  const claim = claimOf(object);
  return [claim.status.allocatedResources?.["storage"] ?? "", attributeClasses(claim)];
}

function claimOf(object: ApiObject): PersistentVolumeClaim {
  return object as unknown as PersistentVolumeClaim;
}
