import type { Probe } from "../../api/types/core-v1.ts";
import type { ProbeVerdict } from "../pods/pod-plan.ts";

export type ProbeType = "startup" | "readiness" | "liveness";

/** How messages name a probe. */
export const probeTitles: Readonly<Record<ProbeType, string>> = {
  startup: "Startup",
  readiness: "Readiness",
  liveness: "Liveness",
};

/** What one probe of one running container has come to. */
export interface ProbeState {
  /** What counts now; undefined while an agent that has just begun knows nothing better than what was reported before. */
  readonly verdict: ProbeVerdict | undefined;
  /** The last result, and how often in a row it came. */
  readonly last: "success" | "failure" | undefined;
  readonly streak: number;
  /** No more probes until the container is restarted. */
  readonly isOnHold: boolean;
}

const initialVerdicts: Readonly<Record<ProbeType, ProbeVerdict>> = {
  startup: "unknown",
  readiness: "failure",
  liveness: "success",
};

/**
 * The state of a probe before its first run.
 * @param isAdopted the container ran before the agent did
 * @param hasStarted it was reported as started then
 */
export function initialProbeState(type: ProbeType, isAdopted: boolean, hasStarted: boolean): ProbeState {
  const isDone = type === "startup" && isAdopted && hasStarted;
  const verdict = isDone ? "success" : isAdopted ? undefined : initialVerdicts[type];
  return { verdict, last: undefined, streak: 0, isOnHold: isDone };
}

/** The state after one more result. Only a streak as long as the threshold changes the verdict. */
export function afterProbe(
  state: ProbeState,
  type: ProbeType,
  probe: Pick<Probe, "successThreshold" | "failureThreshold">,
  result: "success" | "failure",
): ProbeState {
  const streak = state.last === result ? state.streak + 1 : 1;
  const threshold = result === "success" ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  if (streak < threshold) return { ...state, last: result, streak };
  // A container that failed is about to be restarted, and one that has started need not start again.
  const isOnHold = type === "startup" || (type === "liveness" && result === "failure");
  return { verdict: result, last: result, streak: isOnHold ? 0 : streak, isOnHold };
}
