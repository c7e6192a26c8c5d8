import type { Draft } from "../../api/draft.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { ingressClasses, storageClasses } from "../../api/resources.ts";
import type { PersistentVolumeClaim } from "../../api/types/core-v1.ts";
import type { Ingress } from "../../api/types/networking-v1.ts";
import { compareUtf8 } from "../../api/utf8.ts";
import type { AdmissionPlugin } from "../admission.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { FieldOrder } from "./field-order.ts";

const defaultStorageAnnotations = [
  "storageclass.kubernetes.io/is-default-class",
  "storageclass.beta.kubernetes.io/is-default-class",
];
const claimClassAnnotation = "volume.beta.kubernetes.io/storage-class";
const defaultIngressAnnotations = ["ingressclass.kubernetes.io/is-default-class"];
const ingressClassAnnotation = "kubernetes.io/ingress.class";

/**
 * Gives claims that name no storage class the default one.
 * Source: Kubernetes documentation, "Admission Control", DefaultStorageClass.
 */
export function createDefaultStorageClass(objects: LiveObjects, order: FieldOrder): AdmissionPlugin {
  const cache = objects.of(storageClasses).cache;
  return {
    name: "DefaultStorageClass",
    handles: ({ group, resource, subresource }, operation) =>
      operation === "create" && group === "" && resource === "persistentvolumeclaims" && subresource === "",
    admit({ object }) {
      const claim = object as unknown as Draft<PersistentVolumeClaim>;
      if (claim.spec.storageClassName !== undefined || hasAnnotation(claim, claimClassAnnotation)) return;
      const found = newestDefault(cache.list(), defaultStorageAnnotations);
      if (found === undefined) return;
      const changes = { storageClassName: found.metadata.name };
      claim.spec = order.withFields("core.v1.PersistentVolumeClaimSpec", claim.spec, changes);
    },
  };
}

/**
 * Gives ingresses that name no class the default one.
 * Source: Kubernetes documentation, "Admission Control", DefaultIngressClass.
 */
export function createDefaultIngressClass(objects: LiveObjects, order: FieldOrder): AdmissionPlugin {
  const cache = objects.of(ingressClasses).cache;
  return {
    name: "DefaultIngressClass",
    handles: ({ group, resource, subresource }, operation) =>
      operation === "create" && group === "networking.k8s.io" && resource === "ingresses" && subresource === "",
    admit({ object }) {
      const ingress = object as unknown as Draft<Ingress>;
      if (ingress.spec.ingressClassName !== undefined || hasAnnotation(ingress, ingressClassAnnotation)) return;
      const found = newestDefault(cache.list(), defaultIngressAnnotations);
      if (found === undefined) return;
      const changes = { ingressClassName: found.metadata.name };
      ingress.spec = order.withFields("networking.v1.IngressSpec", ingress.spec, changes);
    },
  };
}

function hasAnnotation(object: { metadata: { annotations?: Readonly<Record<string, string>> } }, key: string): boolean {
  return object.metadata.annotations !== undefined && Object.hasOwn(object.metadata.annotations, key);
}

/** Of several defaults the newest; of equally new ones the first by name. */
function newestDefault<T extends ApiObject>(classes: readonly T[], annotations: readonly string[]): T | undefined {
  const defaults = classes.filter(({ metadata }) =>
    annotations.some((annotation) => metadata.annotations?.[annotation] === "true"),
  );
  return defaults.sort(
    ({ metadata: a }, { metadata: b }) =>
      compareUtf8(b.creationTimestamp, a.creationTimestamp) || compareUtf8(a.name, b.name),
  )[0];
}
