import { compareQuantities } from "../../api/quantity.ts";
import type { MetricSpec as MetricSpecV1, MetricStatus as MetricStatusV1 } from "../../api/types/autoscaling-v1.ts";
import type {
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from "../../api/types/autoscaling-v2.ts";

/*
 * Metrics of autoscaling/v2 as autoscaling/v1 writes them into annotations, and back. Fields stand in the order in
 * which they are written.
 */

/** A wanted metric in the old form. */
export function metricToV1({ type, object, pods, resource, containerResource, external }: MetricSpec): MetricSpecV1 {
  return {
    type: type as MetricSpecV1["type"],
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? "0",
        ...withSelector("selector", object.metric),
        ...(object.target.averageValue !== undefined && { averageValue: object.target.averageValue }),
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        targetAverageValue: pods.target.averageValue ?? "0",
        ...withSelector("selector", pods.metric),
      },
    }),
    ...(resource && { resource: { name: resource.name, ...averagesToV1(resource.target) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        ...averagesToV1(containerResource.target),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        ...withSelector("metricSelector", external.metric),
        ...(external.target.value !== undefined && { targetValue: external.target.value }),
        ...(external.target.averageValue !== undefined && { targetAverageValue: external.target.averageValue }),
      },
    }),
  };
}

/** A wanted metric of the old form. */
export function metricFromV1({ type, object, pods, resource, containerResource, external }: MetricSpecV1): MetricSpec {
  return {
    type,
    ...(object && {
      object: {
        describedObject: object.target,
        target: objectTarget(object.targetValue, object.averageValue),
        metric: identifier(object.metricName, object.selector),
      },
    }),
    ...(pods && {
      pods: {
        metric: identifier(pods.metricName, pods.selector),
        target: { type: "AverageValue", averageValue: pods.targetAverageValue },
      },
    }),
    ...(resource && { resource: { name: resource.name, target: averagesFromV1(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        target: averagesFromV1(containerResource),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metric: identifier(external.metricName, external.metricSelector),
        target: {
          type: external.targetValue === undefined ? "AverageValue" : "Value",
          ...(external.targetValue !== undefined && { value: external.targetValue }),
          ...(external.targetAverageValue !== undefined && { averageValue: external.targetAverageValue }),
        },
      },
    }),
  };
}

/** A measured metric in the old form. */
export function measuredToV1(metric: MetricStatus): MetricStatusV1 {
  const { type, object, pods, resource, containerResource, external } = metric;
  return {
    type: type as MetricStatusV1["type"],
    ...(object && {
      object: {
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? "0",
        ...withSelector("selector", object.metric),
        ...(object.current.averageValue !== undefined && { averageValue: object.current.averageValue }),
      },
    }),
    ...(pods && {
      pods: {
        metricName: pods.metric.name,
        currentAverageValue: pods.current.averageValue ?? "0",
        ...withSelector("selector", pods.metric),
      },
    }),
    ...(resource && { resource: { name: resource.name, ...measuredAveragesToV1(resource.current) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        ...measuredAveragesToV1(containerResource.current),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metricName: external.metric.name,
        ...withSelector("metricSelector", external.metric),
        currentValue: external.current.value ?? "0",
        ...(external.current.averageValue !== undefined && { currentAverageValue: external.current.averageValue }),
      },
    }),
  };
}

/** A measured metric of the old form. */
export function measuredFromV1(metric: MetricStatusV1): MetricStatus {
  const { type, object, pods, resource, containerResource, external } = metric;
  return {
    type,
    ...(object && {
      object: {
        metric: identifier(object.metricName, object.selector),
        current: measuredValue(object.currentValue, object.averageValue),
        describedObject: object.target,
      },
    }),
    ...(pods && {
      pods: {
        metric: identifier(pods.metricName, pods.selector),
        current: { averageValue: pods.currentAverageValue },
      },
    }),
    ...(resource && { resource: { name: resource.name, current: measuredAveragesFromV1(resource) } }),
    ...(containerResource && {
      containerResource: {
        name: containerResource.name,
        current: measuredAveragesFromV1(containerResource),
        container: containerResource.container,
      },
    }),
    ...(external && {
      external: {
        metric: identifier(external.metricName, external.metricSelector),
        current: measuredValue(external.currentValue, external.currentAverageValue),
      },
    }),
  };
}

type Selector = NonNullable<MetricIdentifier["selector"]>;

function identifier(name: string, selector: Selector | undefined): MetricIdentifier {
  return { name, ...(selector && { selector }) };
}

function withSelector<Field extends string>(
  field: Field,
  { selector }: MetricIdentifier,
): { readonly [key in Field]?: Selector } {
  return (selector === undefined ? {} : { [field]: selector }) as { readonly [key in Field]?: Selector };
}

/** The old form always writes a value, so one of zero beside an average means none. */
function objectTarget(value: string, averageValue: string | undefined): MetricTarget {
  if (averageValue === undefined) return { type: "Value", value };
  return { type: "AverageValue", ...(compareQuantities(value, "0") !== 0 && { value }), averageValue };
}

interface AveragesV1 {
  readonly targetAverageUtilization?: number;
  readonly targetAverageValue?: string;
}

function averagesToV1({ averageUtilization, averageValue }: MetricTarget): AveragesV1 {
  return {
    ...(averageUtilization !== undefined && { targetAverageUtilization: averageUtilization }),
    ...(averageValue !== undefined && { targetAverageValue: averageValue }),
  };
}

function averagesFromV1({ targetAverageUtilization, targetAverageValue }: AveragesV1): MetricTarget {
  return {
    type: targetAverageUtilization === undefined ? "AverageValue" : "Utilization",
    ...(targetAverageValue !== undefined && { averageValue: targetAverageValue }),
    ...(targetAverageUtilization !== undefined && { averageUtilization: targetAverageUtilization }),
  };
}

interface MeasuredAveragesV1 {
  readonly currentAverageUtilization?: number;
  readonly currentAverageValue: string;
}

function measuredAveragesToV1({ averageUtilization, averageValue }: MetricValueStatus): MeasuredAveragesV1 {
  return {
    ...(averageUtilization !== undefined && { currentAverageUtilization: averageUtilization }),
    currentAverageValue: averageValue ?? "0",
  };
}

function measuredAveragesFromV1(measured: MeasuredAveragesV1): MetricValueStatus {
  const { currentAverageUtilization, currentAverageValue } = measured;
  return {
    averageValue: currentAverageValue,
    ...(currentAverageUtilization !== undefined && { averageUtilization: currentAverageUtilization }),
  };
}

function measuredValue(value: string, averageValue: string | undefined): MetricValueStatus {
  return { value, ...(averageValue !== undefined && { averageValue }) };
}
