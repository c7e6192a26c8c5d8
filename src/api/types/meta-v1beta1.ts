// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { ListMeta, PartialObjectMetadata } from "./meta-v1.ts";

export interface PartialObjectMetadataList {
  readonly apiVersion: "meta.k8s.io/v1beta1";
  readonly kind: "PartialObjectMetadataList";
  readonly metadata: ListMeta;
  readonly items: readonly PartialObjectMetadata[];
}
