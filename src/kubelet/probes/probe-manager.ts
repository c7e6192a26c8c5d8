import type { Container, ContainerStatus, Pod, Probe } from "../../api/types/core-v1.ts";
import type { Clock, Timer } from "../../base/clock.ts";
import { createHeap } from "../../base/heap.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import { isSidecar } from "../../resources/pod-status.ts";
import type { ProbeVerdict, ProbeVerdicts } from "../pods/pod-plan.ts";
import { containerReference } from "../pods/pod-words.ts";
import { runtimeIdOf } from "../status/container-state.ts";
import { afterProbe, initialProbeState, type ProbeState, type ProbeType, probeTitles } from "./probe-state.ts";
import { type ProbeContext, runProbe } from "./run-probe.ts";

/** A container that runs, as far as probes care. */
export interface ProbedContainer {
  readonly name: string;
  readonly id: string;
  readonly startedAtMs: number;
  /** The API says of this very container that it has started. */
  readonly wasStarted: boolean;
}

/** Probes the containers of the node's pods, all from one timer. */
export interface ProbeManager extends ProbeVerdicts {
  /** Takes a pod and which of its containers run now. Probes of all others of its containers end. */
  update(pod: Pod, running: readonly ProbedContainer[], podIp: string): void;
  /** A pod that is being stopped is no longer judged by these probes. */
  stop(podUid: string, types: readonly ProbeType[]): void;
  /** Fills in whether containers have started and are ready. */
  applyTo(
    pod: Pod,
    statuses: readonly ContainerStatus[],
    before: readonly ContainerStatus[],
  ): readonly ContainerStatus[];
}

export interface ProbeManagerOptions extends ProbeContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  /** A verdict has changed. */
  readonly onVerdict: (podUid: string, type: ProbeType, verdict: ProbeVerdict) => void;
  readonly signal: AbortSignal;
}

const probeTypes = ["startup", "readiness", "liveness"] as const;
const defaultPeriodSeconds = 10;
/** Timers may fire this much early: what is due then is done, not waited for again. */
const earlyMs = 1;
/** Containers that started this long before the agent were there before it. */
const adoptionMarginMs = 10_000;

interface Worker {
  readonly type: ProbeType;
  readonly probe: Probe;
  readonly container: Container;
  readonly containerId: string;
  readonly startedAtMs: number;
  pod: Pod;
  podIp: string;
  state: ProbeState;
  /** When the next run is due on the monotonic clock; undefined when none is planned. */
  dueMs: number | undefined;
  isRunning: boolean;
  isStopped: boolean;
}

/** Creates a manager without probes. */
export function createProbeManager(options: ProbeManagerOptions): ProbeManager {
  const { clock, random, recorder, logger, signal } = options;
  const bornMs = clock.nowMs();
  const workers = new Map<string, Worker>();
  const byPod = new Map<string, Set<Worker>>();
  const heap = createHeap<{ readonly worker: Worker; readonly dueMs: number }>((a, b) => a.dueMs - b.dueMs);
  let alarm: { readonly timer: Timer; readonly dueMs: number } | undefined;

  const arm = (): void => {
    const next = heap.peek();
    if (next === undefined || signal.aborted) return;
    if (alarm !== undefined && alarm.dueMs <= next.dueMs) return;
    alarm?.timer.cancel();
    const delayMs = Math.max(0, next.dueMs - clock.monotonicMs());
    alarm = { dueMs: next.dueMs, timer: clock.setTimer(delayMs, ring) };
  };
  const ring = (): void => {
    alarm = undefined;
    const nowMs = clock.monotonicMs() + earlyMs;
    for (let next = heap.peek(); next !== undefined && next.dueMs <= nowMs; next = heap.peek()) {
      heap.pop();
      // Entries of stopped or rescheduled workers are left in the heap and skipped here.
      if (next.worker.dueMs === next.dueMs) void run(next.worker);
    }
    arm();
  };
  const schedule = (worker: Worker, dueMs: number): void => {
    if (worker.isStopped || worker.state.isOnHold) return;
    worker.dueMs = dueMs;
    heap.push({ worker, dueMs });
    arm();
  };

  const hasStarted = (worker: Worker): boolean => {
    if (worker.type === "startup" || worker.container.startupProbe === undefined) return true;
    return find(worker.containerId, "startup")?.state.verdict === "success";
  };
  const find = (containerId: string, type: ProbeType): Worker | undefined => workers.get(`${containerId}/${type}`);
  /** Probes of containers that were there before the agent are spread over a period. */
  const scheduleFirst = (worker: Worker): void => {
    if (!hasStarted(worker)) return;
    const waitMs = worker.startedAtMs + firstDelayMs(worker.type, worker.probe) - clock.nowMs();
    const spreadMs = isAdopted(worker) ? random.next() * periodMs(worker.probe) : 0;
    schedule(worker, clock.monotonicMs() + Math.max(0, waitMs) + spreadMs);
  };
  const isAdopted = ({ startedAtMs }: { readonly startedAtMs: number }): boolean =>
    startedAtMs < bornMs - adoptionMarginMs;

  const run = async (worker: Worker): Promise<void> => {
    const dueMs = worker.dueMs ?? clock.monotonicMs();
    worker.dueMs = undefined;
    if (worker.isRunning || worker.isStopped || signal.aborted) return;
    worker.isRunning = true;
    try {
      const report = await runProbe(options, worker, worker.probe, signal);
      if (!worker.isStopped) settle(worker, report.result, report.output);
    } catch (error) {
      if (!signal.aborted) logger.error("probe broke down", { pod: worker.pod.metadata.uid, error });
    } finally {
      worker.isRunning = false;
      schedule(worker, Math.max(clock.monotonicMs(), dueMs + periodMs(worker.probe)));
    }
  };
  const settle = (worker: Worker, result: "success" | "failure" | "warning" | "error", output: string): void => {
    const title = probeTitles[worker.type];
    const subject = containerReference(worker.pod, worker.container);
    if (result === "error") {
      const message = `${title} probe errored and resulted in unknown state: ${output}`;
      recorder.record(subject, "Warning", "Unhealthy", message);
      return;
    }
    if (result === "warning") recorder.record(subject, "Warning", "ProbeWarning", `${title} probe warning: ${output}`);
    if (result === "failure") recorder.record(subject, "Warning", "Unhealthy", `${title} probe failed: ${output}`);
    const before = worker.state;
    worker.state = afterProbe(before, worker.type, worker.probe, result === "failure" ? "failure" : "success");
    const { verdict } = worker.state;
    if (verdict === before.verdict || verdict === undefined) return;
    if (worker.type === "startup" && verdict === "success") releaseOthers(worker);
    options.onVerdict(worker.pod.metadata.uid, worker.type, verdict);
  };
  /** Once a container has started its other probes begin. */
  const releaseOthers = (worker: Worker): void => {
    for (const type of probeTypes) {
      const other = find(worker.containerId, type);
      if (other !== undefined && other !== worker) scheduleFirst(other);
    }
  };

  const begin = (pod: Pod, container: Container, running: ProbedContainer, podIp: string): void => {
    const { id: containerId, startedAtMs, wasStarted } = running;
    const begun: Worker[] = [];
    for (const type of probeTypes) {
      const probe = probeOf(container, type);
      if (probe === undefined || find(containerId, type) !== undefined) continue;
      const state = initialProbeState(type, isAdopted(running), wasStarted);
      const progress = { dueMs: undefined, isRunning: false, isStopped: false };
      const worker: Worker = { type, probe, container, containerId, startedAtMs, pod, podIp, state, ...progress };
      workers.set(`${containerId}/${type}`, worker);
      const ofPod = byPod.get(pod.metadata.uid) ?? new Set();
      byPod.set(pod.metadata.uid, ofPod.add(worker));
      begun.push(worker);
    }
    for (const worker of begun) scheduleFirst(worker);
  };
  const endWhere = (podUid: string, isOver: (worker: Worker) => boolean): void => {
    const ofPod = byPod.get(podUid);
    if (ofPod === undefined) return;
    for (const worker of ofPod) {
      if (!isOver(worker)) continue;
      worker.isStopped = true;
      worker.dueMs = undefined;
      ofPod.delete(worker);
      workers.delete(`${worker.containerId}/${worker.type}`);
    }
    if (ofPod.size === 0) byPod.delete(podUid);
  };

  return {
    liveness: (id) => find(id, "liveness")?.state.verdict,
    readiness: (id) => find(id, "readiness")?.state.verdict,
    startup: (id) => find(id, "startup")?.state.verdict,
    update(pod, running, podIp) {
      endWhere(pod.metadata.uid, (worker) => !running.some(({ id }) => id === worker.containerId));
      for (const worker of byPod.get(pod.metadata.uid) ?? []) Object.assign(worker, { pod, podIp });
      for (const container of probedContainers(pod)) {
        const found = running.find(({ name }) => name === container.name);
        if (found !== undefined) begin(pod, container, found, podIp);
      }
    },
    stop: (podUid, types) => endWhere(podUid, (worker) => types.includes(worker.type)),
    applyTo(pod, statuses, before) {
      return statuses.map((status) => {
        const id = runtimeIdOf(status.containerID ?? "");
        const isRunning = status.state.running !== undefined;
        const startup = find(id, "startup");
        const isStarted = isRunning && (startup?.state.verdict ?? "success") === "success";
        const container = pod.spec.initContainers?.find(({ name }) => name === status.name);
        if (container !== undefined && !isSidecar(container))
          return { ...status, ready: status.state.terminated?.exitCode === 0, started: isStarted };
        const readiness = find(id, "readiness");
        const reported = before.find(({ containerID }) => containerID === status.containerID)?.ready === true;
        const verdict = readiness === undefined ? "success" : readiness.state.verdict;
        const isReady = isStarted && (verdict === undefined ? reported : verdict === "success");
        return { ...status, ready: isReady, started: isStarted };
      });
    },
  };
}

function probedContainers(pod: Pod): readonly Container[] {
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)];
}

function probeOf(container: Container, type: ProbeType): Probe | undefined {
  switch (type) {
    case "startup":
      return container.startupProbe;
    case "readiness":
      return container.readinessProbe;
    case "liveness":
      return container.livenessProbe;
  }
}

/**
 * How long after a container's start its first probe comes. Without an initial delay readiness is asked for at once,
 * while the others grant a period first, so that `failureThreshold` periods are what a container has to come up.
 */
function firstDelayMs(type: ProbeType, probe: Probe): number {
  const initialDelaySeconds = probe.initialDelaySeconds ?? 0;
  return initialDelaySeconds > 0 || type === "readiness" ? initialDelaySeconds * 1000 : periodMs(probe);
}

function periodMs(probe: Probe): number {
  return (probe.periodSeconds ?? defaultPeriodSeconds) * 1000;
}
