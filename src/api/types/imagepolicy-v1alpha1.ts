// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { ObjectMeta } from "./meta-v1.ts";

export interface ImageReview {
  readonly apiVersion: "imagepolicy.k8s.io/v1alpha1";
  readonly kind: "ImageReview";
  readonly metadata: ObjectMeta;
  readonly spec: ImageReviewSpec;
  readonly status: ImageReviewStatus;
}

export interface ImageReviewContainerSpec {
  readonly image?: string;
}

export interface ImageReviewSpec {
  readonly containers?: readonly ImageReviewContainerSpec[];
  readonly annotations?: { readonly [key: string]: string };
  readonly namespace?: string;
}

export interface ImageReviewStatus {
  readonly allowed: boolean;
  readonly reason?: string;
  readonly auditAnnotations?: { readonly [key: string]: string };
}
