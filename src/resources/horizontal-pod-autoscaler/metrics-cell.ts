import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "../../api/types/autoscaling-v2.ts";

/** Metrics that a table shows of one object. */
const shownMetrics = 2;
const unknown = "<unknown>";

/** What an autoscaler measures and aims at, such as `cpu: 12%/80%`. */
export function metricsCell(metrics: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (metrics.length === 0) return "<none>";
  const cells = metrics.slice(0, shownMetrics).map((metric, index) => metricCell(metric, statuses[index]));
  const more = metrics.length - shownMetrics;
  return more > 0 ? `${cells.join(", ")} + ${more} more...` : cells.join(", ");
}

function metricCell(metric: MetricSpec, status: MetricStatus | undefined): string {
  switch (metric.type) {
    case "External":
      return metric.external === undefined ? "" : valueCell(metric.external.target, status?.external?.current);
    case "Object":
      return metric.object === undefined ? "" : valueCell(metric.object.target, status?.object?.current);
    case "Pods": {
      const current = status?.pods === undefined ? unknown : textOf(status.pods.current.averageValue);
      return `${current}/${textOf(metric.pods?.target.averageValue)}`;
    }
    case "Resource":
      return metric.resource === undefined
        ? ""
        : `${metric.resource.name}: ${shareCell(metric.resource.target, status?.resource?.current)}`;
    case "ContainerResource":
      return metric.containerResource === undefined
        ? ""
        : `${metric.containerResource.name}: ${shareCell(metric.containerResource.target, status?.containerResource?.current)}`;
    default:
      return "<unknown type>";
  }
}

function valueCell(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current === undefined ? unknown : textOf(current.value)}/${textOf(target.value)}`;
}

function shareCell(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined)
    return `${current === undefined ? unknown : textOf(current.averageValue)}/${target.averageValue}`;
  const share = current?.averageUtilization === undefined ? unknown : `${current.averageUtilization}%`;
  return `${share}/${target.averageUtilization === undefined ? "<auto>" : `${target.averageUtilization}%`}`;
}

function textOf(amount: string | undefined): string {
  return amount ?? "<nil>";
}
