// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { ObjectReference } from "./core-v1.ts";
import type { LabelSelector, ListMeta } from "./meta-v1.ts";

export interface MetricListOptions {
  readonly apiVersion: "custom.metrics.k8s.io/v1beta1";
  readonly kind: "MetricListOptions";
  readonly labelSelector?: string;
  readonly metricLabelSelector?: string;
}

export interface MetricValue {
  readonly apiVersion: "custom.metrics.k8s.io/v1beta1";
  readonly kind: "MetricValue";
  readonly describedObject: ObjectReference;
  readonly metricName: string;
  readonly timestamp: string | null;
  readonly window?: number;
  readonly value: string;
  readonly selector: LabelSelector;
}

export interface MetricValueList {
  readonly apiVersion: "custom.metrics.k8s.io/v1beta1";
  readonly kind: "MetricValueList";
  readonly metadata: ListMeta;
  readonly items: readonly MetricValue[];
}
