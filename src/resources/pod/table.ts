import type { ContainerStatus, Pod } from "../../api/types/core-v1.ts";
import { parseTime } from "../../base/clock.ts";
import { humanDuration } from "../../printing/duration.ts";
import type { TableDefinition } from "../../printing/table.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { isPodConditionTrue, isPodReady, isPodTerminal, isSidecar, podCondition } from "../pod-status.ts";

/** What the columns READY, STATUS and RESTARTS tell of a pod. */
export interface PodSummary {
  readonly readyContainers: number;
  readonly totalContainers: number;
  /** For example `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating`. */
  readonly status: string;
  readonly restarts: number;
  /** When the container ended that was restarted last; undefined when none is known. */
  readonly lastRestartMs: number | undefined;
}

/** Reason of pods whose node has gone silent. */
const nodeLost = "NodeLost";

/** Sums up a pod's containers in the words that tables use. */
export function summarizePod(pod: Pod): PodSummary {
  const { spec, status } = pod;
  const initialization = summarizeInitialization(pod);
  const waitsForInit = initialization.reason !== undefined && !isPodConditionTrue(pod, "Initialized");
  const main = waitsForInit ? undefined : summarizeContainers(pod, initialization.reason ?? generalReason(pod));
  const restarts = main === undefined ? initialization.all : addRestarts(initialization.sidecars, main.restarts);
  return {
    readyContainers: initialization.readySidecars + (main?.ready ?? 0),
    totalContainers: (spec.containers?.length ?? 0) + (spec.initContainers?.filter(isSidecar).length ?? 0),
    status: deletionReason(pod) ?? main?.reason ?? initialization.reason ?? status.phase ?? "",
    restarts: restarts.count,
    lastRestartMs: restarts.lastMs,
  };
}

/** The table of pods. */
export const podTable: TableDefinition<Pod> = {
  columns: [
    nameColumn,
    textColumn("Ready"),
    textColumn("Status"),
    textColumn("Restarts"),
    ageColumn,
    textColumn("IP", 1),
    textColumn("Node", 1),
    textColumn("Nominated Node", 1),
    textColumn("Readiness Gates", 1),
  ],
  row: (pod, { nowMs }) => {
    const summary = summarizePod(pod);
    return [
      pod.metadata.name,
      `${summary.readyContainers}/${summary.totalContainers}`,
      summary.status,
      restartsCell(summary, nowMs),
      objectAge(pod, nowMs),
      pod.status.podIPs?.[0]?.ip || "<none>",
      pod.spec.nodeName ?? "<none>",
      pod.status.nominatedNodeName ?? "<none>",
      readinessGatesCell(pod),
    ];
  },
  rowConditions: (pod) => {
    switch (pod.status.phase) {
      case "Succeeded":
        return [
          { type: "Completed", status: "True", reason: "Succeeded", message: "The pod has completed successfully." },
        ];
      case "Failed":
        return [{ type: "Completed", status: "True", reason: "Failed", message: "The pod failed." }];
      default:
        return [];
    }
  },
};

function restartsCell(summary: PodSummary, nowMs: number): string {
  const { restarts, lastRestartMs } = summary;
  if (restarts === 0 || lastRestartMs === undefined) return String(restarts);
  return `${restarts} (${humanDuration(nowMs - lastRestartMs)} ago)`;
}

function readinessGatesCell(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  return `${gates.filter((gate) => isPodConditionTrue(pod, gate.conditionType)).length}/${gates.length}`;
}

function generalReason(pod: Pod): string {
  if (podCondition(pod, "PodScheduled")?.reason === "SchedulingGated") return "SchedulingGated";
  return pod.status.reason ?? pod.status.phase ?? "";
}

function deletionReason(pod: Pod): string | undefined {
  if (pod.metadata.deletionTimestamp === undefined || pod.metadata.deletionTimestamp === null) return undefined;
  if (pod.status.reason === nodeLost) return "Unknown";
  return isPodTerminal(pod) ? undefined : "Terminating";
}

interface Restarts {
  readonly count: number;
  readonly lastMs: number | undefined;
}

const noRestarts: Restarts = { count: 0, lastMs: undefined };

function restartsOf(status: ContainerStatus): Restarts {
  return { count: status.restartCount, lastMs: parseTime(status.lastState.terminated?.finishedAt) };
}

function addRestarts(a: Restarts, b: Restarts): Restarts {
  const lastMs = a.lastMs === undefined ? b.lastMs : b.lastMs === undefined ? a.lastMs : Math.max(a.lastMs, b.lastMs);
  return { count: a.count + b.count, lastMs };
}

interface Initialization {
  /** Why initialization is not over; undefined when it is. */
  readonly reason: string | undefined;
  readonly readySidecars: number;
  readonly all: Restarts;
  readonly sidecars: Restarts;
}

/** Looks at init containers in order up to the first that is neither done nor a started sidecar. */
function summarizeInitialization(pod: Pod): Initialization {
  const specs = pod.spec.initContainers ?? [];
  let all = noRestarts;
  let sidecars = noRestarts;
  let readySidecars = 0;
  for (const [position, status] of (pod.status.initContainerStatuses ?? []).entries()) {
    const container = specs.find((entry) => entry.name === status.name);
    const sidecar = container !== undefined && isSidecar(container);
    all = addRestarts(all, restartsOf(status));
    if (sidecar) sidecars = addRestarts(sidecars, restartsOf(status));
    if (status.state.terminated?.exitCode === 0) continue;
    if (sidecar && status.started === true) {
      if (status.ready) readySidecars += 1;
      continue;
    }
    return { reason: `Init:${initReason(status, position, specs.length)}`, readySidecars, all, sidecars };
  }
  return { reason: undefined, readySidecars, all, sidecars };
}

function initReason(status: ContainerStatus, position: number, count: number): string {
  const { terminated, waiting } = status.state;
  if (terminated !== undefined) return endReason(terminated);
  const reason = waiting?.reason ?? "";
  return reason !== "" && reason !== "PodInitializing" ? reason : `${position}/${count}`;
}

function endReason(end: NonNullable<ContainerStatus["state"]["terminated"]>): string {
  if (end.reason !== undefined) return end.reason;
  return (end.signal ?? 0) !== 0 ? `Signal:${end.signal}` : `ExitCode:${end.exitCode}`;
}

interface MainContainers {
  readonly reason: string;
  readonly ready: number;
  readonly restarts: Restarts;
}

function summarizeContainers(pod: Pod, startReason: string): MainContainers {
  let reason = startReason;
  let errorReason = "";
  let ready = 0;
  let restarts = noRestarts;
  // From the last to the first, so that the first container with something to say has the last word.
  for (const status of [...(pod.status.containerStatuses ?? [])].reverse()) {
    const { waiting, terminated, running } = status.state;
    restarts = addRestarts(restarts, restartsOf(status));
    if ((waiting?.reason ?? "") !== "") {
      reason = waiting?.reason ?? "";
    } else if (terminated !== undefined) {
      reason = endReason(terminated);
      if (terminated.exitCode !== 0) errorReason = reason;
    } else if (status.ready && running !== undefined) {
      ready += 1;
    }
  }
  if (reason === "Completed") {
    if (ready > 0 && isPodReady(pod)) reason = "Running";
    else if (errorReason !== "") reason = errorReason;
    else if (ready > 0) reason = "NotReady";
  }
  return { reason, ready, restarts };
}
