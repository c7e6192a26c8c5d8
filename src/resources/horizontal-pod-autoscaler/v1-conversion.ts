import { DecodeError, decodeObject } from "../../api/decode.ts";
import { escapeForHtml } from "../../api/json.ts";
import { isJsonObject, type JsonValue } from "../../api/json-value.ts";
import { createSchemaRegistry } from "../../api/schema.ts";
import type {
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscaler as HorizontalPodAutoscalerV1,
  MetricSpec as MetricSpecV1,
  MetricStatus as MetricStatusV1,
} from "../../api/types/autoscaling-v1.ts";
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerBehavior,
  HPAScalingRules,
  MetricSpec,
  MetricStatus,
} from "../../api/types/autoscaling-v2.ts";
import { measuredFromV1, measuredToV1, metricFromV1, metricToV1 } from "./v1-metrics.ts";

/** Where autoscaling/v1 keeps what it has no fields for. */
const annotations = {
  metrics: "autoscaling.alpha.kubernetes.io/metrics",
  currentMetrics: "autoscaling.alpha.kubernetes.io/current-metrics",
  behavior: "autoscaling.alpha.kubernetes.io/behavior",
  conditions: "autoscaling.alpha.kubernetes.io/conditions",
} as const;

/** Average use of CPU that is aimed at when nothing else is, in percent of what pods request. */
const defaultCpuUtilization = 80;

const schemas = createSchemaRegistry();

/** An autoscaler as autoscaling/v1 shows it: the CPU in fields, all else in annotations. */
export function autoscalerToV1(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscalerV1 {
  const { metadata, spec, status } = autoscaler;
  const { scaleTargetRef, minReplicas, maxReplicas, metrics } = spec;
  const { observedGeneration, lastScaleTime, currentReplicas = 0, desiredReplicas, currentMetrics } = status;
  const wantedCpu = metrics?.find(isCpuUtilization)?.resource?.target.averageUtilization;
  const measuredCpu = currentMetrics?.findLast(isMeasuredCpuUtilization)?.resource?.current.averageUtilization;
  return {
    kind: "HorizontalPodAutoscaler",
    apiVersion: "autoscaling/v1",
    metadata: annotated(metadata, notesOf(autoscaler)),
    spec: {
      scaleTargetRef,
      ...(minReplicas !== undefined && { minReplicas }),
      maxReplicas,
      ...(wantedCpu !== undefined && { targetCPUUtilizationPercentage: wantedCpu }),
    },
    status: {
      ...(observedGeneration !== undefined && { observedGeneration }),
      ...(lastScaleTime !== undefined && { lastScaleTime }),
      currentReplicas,
      desiredReplicas,
      ...(measuredCpu !== undefined && { currentCPUUtilizationPercentage: measuredCpu }),
    },
  };
}

/** An autoscaler that autoscaling/v1 shows. Annotations that cannot be read are passed over. */
export function autoscalerFromV1(autoscaler: HorizontalPodAutoscalerV1): HorizontalPodAutoscaler {
  const { metadata, spec, status } = autoscaler;
  const { scaleTargetRef, minReplicas, maxReplicas, targetCPUUtilizationPercentage } = spec;
  const { observedGeneration, lastScaleTime, currentReplicas, desiredReplicas, currentCPUUtilizationPercentage } =
    status;
  const note = (name: keyof typeof annotations): JsonValue | undefined => parseNote(metadata.annotations, name);
  const otherMetrics = readNotes<MetricSpecV1>(note("metrics"), "autoscaling.v1.MetricSpec")?.map(metricFromV1) ?? [];
  const cpu = targetCPUUtilizationPercentage === undefined ? [] : [cpuMetric(targetCPUUtilizationPercentage)];
  const metrics = [...otherMetrics, ...cpu];
  const behavior = readBehavior(note("behavior"));
  const measured = readNotes<MetricStatusV1>(note("currentMetrics"), "autoscaling.v1.MetricStatus")?.map(
    measuredFromV1,
  );
  const conditions = readNotes<HorizontalPodAutoscalerCondition>(
    note("conditions"),
    "autoscaling.v1.HorizontalPodAutoscalerCondition",
  );
  return {
    kind: "HorizontalPodAutoscaler",
    apiVersion: "autoscaling/v2",
    metadata: annotated(metadata, {}),
    spec: {
      scaleTargetRef,
      ...(minReplicas !== undefined && { minReplicas }),
      maxReplicas,
      metrics: metrics.length > 0 ? metrics : [cpuMetric(defaultCpuUtilization)],
      ...(behavior && { behavior }),
    },
    status: {
      ...(observedGeneration !== undefined && { observedGeneration }),
      ...(lastScaleTime !== undefined && { lastScaleTime }),
      ...(currentReplicas !== 0 && { currentReplicas }),
      desiredReplicas,
      currentMetrics: measured ?? measuredCpuMetric(currentCPUUtilizationPercentage),
      ...(conditions && { conditions }),
    },
  };
}

function isCpuUtilization({ type, resource }: MetricSpec): boolean {
  return type === "Resource" && resource?.name === "cpu" && resource.target.averageUtilization !== undefined;
}

function isMeasuredCpuUtilization({ type, resource }: MetricStatus): boolean {
  return type === "Resource" && resource?.name === "cpu" && resource.current.averageUtilization !== undefined;
}

function cpuMetric(averageUtilization: number): MetricSpec {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
}

function measuredCpuMetric(averageUtilization: number | undefined): readonly MetricStatus[] | null {
  if (averageUtilization === undefined) return null;
  return [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization } } }];
}

/** What goes into annotations. */
function notesOf({ spec, status }: HorizontalPodAutoscaler): Readonly<Record<string, string>> {
  const otherMetrics = (spec.metrics ?? []).filter((metric) => !isCpuUtilization(metric));
  const { currentMetrics, conditions } = status;
  return {
    ...(otherMetrics.length > 0 && { [annotations.metrics]: writeNote(otherMetrics.map(metricToV1)) }),
    ...(currentMetrics !== null &&
      currentMetrics.length > 0 && { [annotations.currentMetrics]: writeNote(currentMetrics.map(measuredToV1)) }),
    ...(spec.behavior && { [annotations.behavior]: writeNote(goForm(spec.behavior)) }),
    ...(conditions !== undefined && conditions.length > 0 && { [annotations.conditions]: writeNote(conditions) }),
  };
}

function writeNote(note: object): string {
  return escapeForHtml(JSON.stringify(note));
}

/** Metadata without the notes of before, and with those of now. */
function annotated(
  { annotations: given = {}, ...rest }: HorizontalPodAutoscaler["metadata"],
  notes: Readonly<Record<string, string>>,
): HorizontalPodAutoscaler["metadata"] {
  const names: readonly string[] = Object.values(annotations);
  const kept = Object.entries(given).filter(([name]) => !names.includes(name));
  const all = [...kept, ...Object.entries(notes)];
  if (all.length === 0) return rest;
  const map: Record<string, string> = Object.create(null);
  for (const [name, text] of all.sort(([a], [b]) => (a < b ? -1 : 1))) map[name] = text;
  return { ...rest, annotations: map };
}

function parseNote(
  given: Readonly<Record<string, string>> | undefined,
  name: keyof typeof annotations,
): JsonValue | undefined {
  const text = given !== undefined && Object.hasOwn(given, annotations[name]) ? given[annotations[name]] : undefined;
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readNotes<T>(note: JsonValue | undefined, type: string): readonly T[] | undefined {
  if (!Array.isArray(note)) return undefined;
  const read = note.map((entry) => readNote<T>(entry, type));
  return read.every((entry) => entry !== undefined) ? read : undefined;
}

function readNote<T>(note: JsonValue, type: string): T | undefined {
  try {
    return decodeObject<T>(schemas.struct(type), note).object;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/*
 * The annotation for behaviour shows a type as Go names its fields, all of them: `ScaleUp` for `scaleUp`, and null for
 * what is not set.
 */

function goForm({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): object {
  return { ScaleUp: rulesInGoForm(scaleUp), ScaleDown: rulesInGoForm(scaleDown) };
}

function rulesInGoForm(rules: HPAScalingRules | undefined): object | null {
  if (rules === undefined) return null;
  const policies = rules.policies?.map(({ type, value, periodSeconds }) => ({
    Type: type,
    Value: value,
    PeriodSeconds: periodSeconds,
  }));
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
    SelectPolicy: rules.selectPolicy ?? null,
    Policies: policies ?? null,
    Tolerance: rules.tolerance ?? null,
  };
}

function readBehavior(note: JsonValue | undefined): HorizontalPodAutoscalerBehavior | undefined {
  if (note === undefined) return undefined;
  const behavior = readNote<HorizontalPodAutoscalerBehavior>(
    fromGoForm(note),
    "autoscaling.v2.HorizontalPodAutoscalerBehavior",
  );
  const isEmpty = behavior?.scaleUp === undefined && behavior?.scaleDown === undefined;
  return isEmpty ? undefined : behavior;
}

function fromGoForm(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(fromGoForm);
  if (!isJsonObject(value)) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(
    fields.map(([name, field]) => [name.charAt(0).toLowerCase() + name.slice(1), fromGoForm(field)]),
  );
}
