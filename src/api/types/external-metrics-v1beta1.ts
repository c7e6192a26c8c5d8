// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { ListMeta } from "./meta-v1.ts";

export interface ExternalMetricValue {
  readonly apiVersion: "external.metrics.k8s.io/v1beta1";
  readonly kind: "ExternalMetricValue";
  readonly metricName: string;
  readonly metricLabels: { readonly [key: string]: string } | null;
  readonly timestamp: string | null;
  readonly window?: number;
  readonly value: string;
}

export interface ExternalMetricValueList {
  readonly apiVersion: "external.metrics.k8s.io/v1beta1";
  readonly kind: "ExternalMetricValueList";
  readonly metadata: ListMeta;
  readonly items: readonly ExternalMetricValue[];
}
