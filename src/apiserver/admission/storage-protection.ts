import { compareQuantities } from "../../api/quantity.ts";
import { storageClasses } from "../../api/resources.ts";
import type { PersistentVolumeClaim } from "../../api/types/core-v1.ts";
import type { AdmissionPlugin } from "../admission.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { FieldOrder } from "./field-order.ts";
import { refuse } from "./refusal.ts";

const finalizers: Readonly<Record<string, string>> = {
  "/persistentvolumes": "kubernetes.io/pv-protection",
  "/persistentvolumeclaims": "kubernetes.io/pvc-protection",
  "storage.k8s.io/volumeattributesclasses": "kubernetes.io/vac-protection",
};

/**
 * Marks storage so that it cannot go while something uses it; controllers take the mark away.
 * Source: Kubernetes documentation, "Admission Control", StorageObjectInUseProtection.
 */
export function createStorageObjectInUseProtection(order: FieldOrder): AdmissionPlugin {
  return {
    name: "StorageObjectInUseProtection",
    handles: ({ group, resource, subresource }, operation) =>
      operation === "create" && subresource === "" && Object.hasOwn(finalizers, `${group}/${resource}`),
    admit({ attributes, object }) {
      const finalizer = finalizers[`${attributes.group}/${attributes.resource}`];
      if (object === undefined || finalizer === undefined) return;
      const present = object.metadata.finalizers ?? [];
      if (present.includes(finalizer)) return;
      object.metadata = order.withFields("meta.v1.ObjectMeta", object.metadata, {
        finalizers: [...present, finalizer],
      });
    },
  };
}

/**
 * Lets claims grow only when their storage class says that volumes can.
 * Source: Kubernetes documentation, "Admission Control", PersistentVolumeClaimResize; words of kube-apiserver v1.36.
 */
export function createPersistentVolumeClaimResize(objects: LiveObjects): AdmissionPlugin {
  const cache = objects.of(storageClasses).cache;
  return {
    name: "PersistentVolumeClaimResize",
    handles: ({ group, resource, subresource }, operation) =>
      operation === "update" && group === "" && resource === "persistentvolumeclaims" && subresource === "",
    validate(request) {
      const claim = request.object as unknown as PersistentVolumeClaim;
      const old = request.oldObject as unknown as PersistentVolumeClaim;
      if (compareQuantities(storageOf(claim), storageOf(old)) <= 0) return;
      if (old.status.phase !== "Bound") throw refuse(request, "Only bound persistent volume claims can be expanded");
      const name = classOf(claim);
      const mayGrow = name !== "" && name === classOf(old) && cache.get(name)?.allowVolumeExpansion === true;
      if (!mayGrow)
        throw refuse(
          request,
          "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize",
        );
    },
  };
}

function storageOf(claim: PersistentVolumeClaim): string {
  return claim.spec.resources.requests?.["storage"] ?? "0";
}

function classOf(claim: PersistentVolumeClaim): string {
  return claim.metadata.annotations?.["volume.beta.kubernetes.io/storage-class"] ?? claim.spec.storageClassName ?? "";
}
