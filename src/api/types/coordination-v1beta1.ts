// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { ListMeta } from "./meta-v1.ts";
import type { NamespacedObjectMeta } from "../metadata.ts";

export interface LeaseCandidate {
  readonly apiVersion: "coordination.k8s.io/v1beta1";
  readonly kind: "LeaseCandidate";
  readonly metadata: NamespacedObjectMeta;
  readonly spec: LeaseCandidateSpec;
}

export interface LeaseCandidateList {
  readonly apiVersion: "coordination.k8s.io/v1beta1";
  readonly kind: "LeaseCandidateList";
  readonly metadata: ListMeta;
  readonly items: readonly LeaseCandidate[];
}

export interface LeaseCandidateSpec {
  readonly leaseName: string;
  readonly pingTime?: string;
  readonly renewTime?: string;
  readonly binaryVersion: string;
  readonly emulationVersion?: string;
  readonly strategy?: string;
}
