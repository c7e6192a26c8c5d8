import { describe, expect, test } from "vitest";
import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from "../../api/types/autoscaling-v1.ts";
import type { HorizontalPodAutoscaler } from "../../api/types/autoscaling-v2.ts";
import { autoscalerFromV1, autoscalerToV1 } from "./v1-conversion.ts";

const scaleTargetRef = { kind: "Deployment", name: "d", apiVersion: "apps/v1" };
const metadata = {
  name: "a",
  namespace: "default",
  uid: "u",
  resourceVersion: "1",
  creationTimestamp: "2026-11-20T10:53:42Z",
};

/** With a metric of each kind and rules for scaling. */
const full: HorizontalPodAutoscaler = {
  kind: "HorizontalPodAutoscaler",
  apiVersion: "autoscaling/v2",
  metadata: { ...metadata, annotations: { x: "y" } },
  spec: {
    scaleTargetRef,
    minReplicas: 1,
    maxReplicas: 5,
    metrics: [
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
      { type: "Pods", pods: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "10" } } },
      {
        type: "Object",
        object: {
          describedObject: { kind: "Service", name: "s" },
          target: { type: "Value", value: "7" },
          metric: { name: "o" },
        },
      },
      {
        type: "External",
        external: {
          metric: { name: "e", selector: { matchLabels: { a: "b" } } },
          target: { type: "AverageValue", averageValue: "3" },
        },
      },
      {
        type: "ContainerResource",
        containerResource: {
          name: "memory",
          target: { type: "Utilization", averageUtilization: 40 },
          container: "c",
        },
      },
    ],
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 10,
        selectPolicy: "Max",
        policies: [{ type: "Pods", value: 1, periodSeconds: 20 }],
      },
      scaleDown: {
        selectPolicy: "Disabled",
        policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
        tolerance: "50m",
      },
    },
  },
  status: {
    currentReplicas: 2,
    desiredReplicas: 3,
    currentMetrics: [
      { type: "Resource", resource: { name: "cpu", current: { averageValue: "5m", averageUtilization: 30 } } },
      {
        type: "Object",
        object: { metric: { name: "o" }, current: { value: "7" }, describedObject: { kind: "Service", name: "s" } },
      },
    ],
    conditions: [
      { type: "AbleToScale", status: "True", lastTransitionTime: "2024-01-01T00:00:00Z", reason: "R", message: "M" },
    ],
  },
};

/** The same as kube-apiserver v1.36 shows it. */
const fullV1: HorizontalPodAutoscalerV1 = {
  kind: "HorizontalPodAutoscaler",
  apiVersion: "autoscaling/v1",
  metadata: {
    ...metadata,
    annotations: {
      "autoscaling.alpha.kubernetes.io/behavior":
        '{"ScaleUp":{"StabilizationWindowSeconds":10,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":20}],"Tolerance":null},"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Disabled","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":"50m"}}',
      "autoscaling.alpha.kubernetes.io/conditions":
        '[{"type":"AbleToScale","status":"True","lastTransitionTime":"2024-01-01T00:00:00Z","reason":"R","message":"M"}]',
      "autoscaling.alpha.kubernetes.io/current-metrics":
        '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":30,"currentAverageValue":"5m"}},{"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"o","currentValue":"7"}}]',
      "autoscaling.alpha.kubernetes.io/metrics":
        '[{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"10"}},{"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"o","targetValue":"7"}},{"type":"External","external":{"metricName":"e","metricSelector":{"matchLabels":{"a":"b"}},"targetAverageValue":"3"}},{"type":"ContainerResource","containerResource":{"name":"memory","targetAverageUtilization":40,"container":"c"}}]',
      x: "y",
    },
  },
  spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 5, targetCPUUtilizationPercentage: 50 },
  status: { currentReplicas: 2, desiredReplicas: 3, currentCPUUtilizationPercentage: 30 },
};

const plainV1: HorizontalPodAutoscalerV1 = {
  kind: "HorizontalPodAutoscaler",
  apiVersion: "autoscaling/v1",
  metadata,
  spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 5 },
  status: { currentReplicas: 0, desiredReplicas: 0 },
};

describe("an autoscaler of autoscaling/v2 in autoscaling/v1", () => {
  test("keeps what v1 has no fields for in annotations", () => {
    expect(autoscalerToV1(full)).toEqual(fullV1);
  });

  test("written with its map keys in order", () => {
    expect(JSON.stringify(autoscalerToV1(full))).toBe(JSON.stringify(fullV1));
  });

  test("escapes what HTML would take for its own, as upstream's writer does", () => {
    const conditions = [{ type: "ScalingActive", status: "False", lastTransitionTime: null, message: "<a> & b" }];
    const { metadata: given } = autoscalerToV1({ ...full, status: { ...full.status, conditions } });
    expect(given.annotations?.["autoscaling.alpha.kubernetes.io/conditions"]).toBe(
      String.raw`[{"type":"ScalingActive","status":"False","lastTransitionTime":null,"message":"\u003ca\u003e \u0026 b"}]`,
    );
  });

  test("comes back as it was, but that CPU is its last metric", () => {
    const [cpu, ...others] = full.spec.metrics ?? [];
    const expected = { ...full, spec: { ...full.spec, metrics: [...others, cpu] } };
    expect(autoscalerFromV1(autoscalerToV1(full))).toEqual(expected);
  });
});

describe("an autoscaler of autoscaling/v1 in autoscaling/v2", () => {
  test("that names no metric aims at 80% of CPU", () => {
    const { spec, status } = autoscalerFromV1(plainV1);
    expect({ spec, status }).toEqual({
      spec: {
        scaleTargetRef,
        minReplicas: 1,
        maxReplicas: 5,
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
        ],
      },
      status: { desiredReplicas: 0, currentMetrics: null },
    });
  });

  test.each([
    { name: "no JSON", note: "{" },
    { name: "of another type", note: '"text"' },
    { name: "with a wrong type inside", note: '[{"type":7}]' },
  ])("passes over annotations that are $name", ({ note }) => {
    const notes = Object.fromEntries(
      ["behavior", "conditions", "current-metrics", "metrics"].map((name) => [
        `autoscaling.alpha.kubernetes.io/${name}`,
        note,
      ]),
    );
    const read = autoscalerFromV1({ ...plainV1, metadata: { ...metadata, annotations: notes } });
    expect(read).toEqual(autoscalerFromV1(plainV1));
  });
});
