import type { Container, Pod } from "../../api/types/core-v1.ts";
import { childController } from "../../base/abort.ts";
import { sleep } from "../../base/clock.ts";
import { containerGraceSeconds, minimumStopSeconds } from "./grace-period.ts";
import { runHook } from "./lifecycle-hook.ts";
import { observedIps } from "./observed-pod.ts";
import type { PodContext } from "./pod-context.ts";
import type { KillReason } from "./pod-plan.ts";
import { containerReference } from "./pod-words.ts";

/** A container that is to be stopped, and why. */
export interface StopRequest {
  readonly id: string;
  readonly reason: KillReason;
  /** Shown in the event; empty for the usual words. */
  readonly message: string;
  /** Overrides what pod and probe grant. */
  readonly graceSeconds?: number;
  /** Others that must have ended before; the grace period runs meanwhile. */
  readonly after?: Promise<unknown>;
}

/**
 * Stops a container: its preStop hook first, then those before whom it must not end, then the stop signal. All of it
 * together may take the grace period.
 * @throws {RuntimeError} when the runtime cannot stop it
 */
export async function stopContainer(
  context: PodContext,
  pod: Pod,
  container: Container,
  request: StopRequest,
  signal: AbortSignal,
): Promise<void> {
  const { clock, recorder, runtime, cache } = context;
  const message = request.message === "" ? `Stopping container ${container.name}` : request.message;
  recorder.record(containerReference(pod, container), "Normal", "Killing", message);
  let graceSeconds = request.graceSeconds ?? containerGraceSeconds(pod, container, request.reason);
  const spend = async (work: (limit: AbortSignal) => Promise<unknown>): Promise<void> => {
    const startMs = clock.monotonicMs();
    await within(context, graceSeconds * 1000, work, signal);
    graceSeconds -= Math.trunc((clock.monotonicMs() - startMs) / 1000);
  };
  if (container.lifecycle?.preStop !== undefined && graceSeconds > 0)
    await spend((limit) => runPreStop(context, pod, container, request.id, limit));
  const { after } = request;
  if (after !== undefined && graceSeconds > 0) await spend(() => after);
  await runtime.stopContainer(request.id, Math.max(minimumStopSeconds, graceSeconds), signal);
  await cache.refreshContainer(request.id);
}

async function runPreStop(
  context: PodContext,
  pod: Pod,
  container: Container,
  containerId: string,
  signal: AbortSignal,
): Promise<void> {
  const hook = container.lifecycle?.preStop;
  if (hook === undefined) return;
  const podIp = observedIps(context.cache.observe(pod.metadata.uid))[0] ?? "";
  const failure = await runHook(context, { pod, container, containerId, podIp }, hook, signal);
  if (failure === undefined) return;
  // What the hook said stays in the log: it may hold secrets.
  context.logger.info("preStop hook failed", { pod: pod.metadata.uid, container: container.name, failure });
  context.recorder.record(containerReference(pod, container), "Warning", "FailedPreStopHook", "PreStopHook failed");
}

/** Waits for work, but no longer than the limit, after which the work is given up. @throws the signal's reason */
async function within(
  { clock }: PodContext,
  limitMs: number,
  work: (limit: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const limit = childController(signal);
  const timeUp = sleep(clock, limitMs, limit.signal).then(() => limit.abort(new Error("grace period is over")));
  try {
    await Promise.race([work(limit.signal), timeUp]);
  } catch (error) {
    // The work may have heard of the limit first.
    if (!limit.signal.aborted || signal.aborted) throw error;
  } finally {
    limit.abort();
    limit.dispose();
    await timeUp.catch(() => undefined);
  }
}
