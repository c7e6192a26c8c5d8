import type { ApiObject } from "../../api/metadata.ts";

/** An object without anything but its metadata, for clients that need no more. */
export function partialMetadata(object: ApiObject, version: "v1" | "v1beta1"): object {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata };
}
