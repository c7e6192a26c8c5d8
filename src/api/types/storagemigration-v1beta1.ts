// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { Condition, GroupResource, ListMeta } from "./meta-v1.ts";
import type { StoredObjectMeta } from "../metadata.ts";

export interface StorageVersionMigration {
  readonly apiVersion: "storagemigration.k8s.io/v1beta1";
  readonly kind: "StorageVersionMigration";
  readonly metadata: StoredObjectMeta;
  readonly spec: StorageVersionMigrationSpec;
  readonly status: StorageVersionMigrationStatus;
}

export interface StorageVersionMigrationList {
  readonly apiVersion: "storagemigration.k8s.io/v1beta1";
  readonly kind: "StorageVersionMigrationList";
  readonly metadata: ListMeta;
  readonly items: readonly StorageVersionMigration[];
}

export interface StorageVersionMigrationSpec {
  readonly resource: GroupResource;
}

export interface StorageVersionMigrationStatus {
  readonly conditions?: readonly Condition[];
  readonly resourceVersion?: string;
}
