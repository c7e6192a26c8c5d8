import { leases } from "../api/resources.ts";
import { hasReason } from "../api/status-error.ts";
import type { Lease } from "../api/types/coordination-v1.ts";
import { AbortError, childController } from "../base/abort.ts";
import { type Clock, formatMicroTime, sleep } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Client, ObjectKey } from "./client.ts";
import type { EventRecorder } from "./event-recorder.ts";

/** How patient candidates are. The defaults are those of upstream's components. */
export interface ElectionTiming {
  /** How long a lease lasts that is not renewed. Default 15 s. */
  readonly leaseMs: number;
  /** How long a leader tries to renew its lease before it steps down: less than the lease lasts. Default 10 s. */
  readonly renewDeadlineMs: number;
  /** Time between attempts. Default 2 s. */
  readonly retryMs: number;
}

const defaultTiming: ElectionTiming = { leaseMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

/** Candidates that wait try again up to this much later than they might, so that they do not do so together. */
const retryJitter = 1.2;

export interface Candidacy {
  readonly client: Client;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The lease that is fought for, with its namespace. */
  readonly lease: ObjectKey & { readonly namespace: string };
  /** Tells candidates apart: `<host>_<uid>`. */
  readonly identity: string;
  readonly timing?: Partial<ElectionTiming>;
}

/**
 * Does something as long as nobody else does it: waits to be elected, leads, and stands again when the lease was lost.
 * The lease is given back at the end, so that the next one need not wait.
 * @param lead the work; its signal is aborted when the lease is lost. When it ends by itself, all ends
 * @throws what `lead` throws
 */
export async function leadWhenElected(
  candidacy: Candidacy,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const logger = candidacy.logger.with({ lease: candidacy.lease.name, identity: candidacy.identity });
  const holder = createLeaseHolder({ ...candidacy, logger });
  while (!signal.aborted) {
    if (!(await holder.acquire(signal))) return;
    holder.tell("became leader");
    const isOver = await serve(holder, lead, signal);
    holder.tell("stopped leading");
    await holder.release();
    if (isOver) return;
    logger.warn("the lease was lost");
  }
}

/** One term. @returns whether the work ended by itself or nobody wants it any more */
async function serve(
  holder: LeaseHolder,
  lead: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  const term = childController(signal);
  let isDone = false;
  const work = lead(term.signal).finally(() => {
    isDone = true;
    term.abort(new AbortError("the work is done"));
  });
  try {
    await Promise.all([work, holder.keep(term.signal).finally(() => term.abort(new AbortError("the lease was lost")))]);
    return isDone && (signal.aborted || !holder.isLost);
  } catch (error) {
    await holder.release();
    throw error;
  } finally {
    term.dispose();
  }
}

interface LeaseHolder {
  /** Whether the lease could not be renewed in time. */
  readonly isLost: boolean;
  /** Tries until it holds the lease. @returns false when the signal was aborted first */
  acquire(signal: AbortSignal): Promise<boolean>;
  /** Renews the lease until it is lost or the signal is aborted. */
  keep(signal: AbortSignal): Promise<void>;
  /** Gives the lease back, if it is held. */
  release(): Promise<void>;
  tell(what: string): void;
}

function createLeaseHolder(candidacy: Candidacy): LeaseHolder {
  const { client, events, clock, random, logger, lease: key, identity } = candidacy;
  const timing = { ...defaultTiming, ...candidacy.timing };
  let observed: { readonly lease: Lease; readonly atMs: number } | undefined;
  let isLost = false;

  const observe = (lease: Lease): Lease => {
    if (observed?.lease.metadata.resourceVersion !== lease.metadata.resourceVersion)
      observed = { lease, atMs: clock.monotonicMs() };
    return lease;
  };
  /** One attempt. @returns whether the lease is held now */
  const attempt = async (signal: AbortSignal): Promise<boolean> => {
    const time = formatMicroTime(clock.nowMs());
    try {
      const present = observe(await client.get(leases, key, signal));
      const mayTake = isHolder(present) || !isHeld(present, clock.monotonicMs() - (observed?.atMs ?? 0));
      if (!mayTake) return false;
      observe(await client.update(leases, { ...present, spec: renewed(present, identity, time, timing) }, {}, signal));
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (hasReason(error, "NotFound")) return create(time, signal);
      if (!hasReason(error, "Conflict")) logger.warn("lease not renewed", { error });
      return false;
    }
  };
  const create = async (time: string, signal: AbortSignal): Promise<boolean> => {
    try {
      const spec = renewed(undefined, identity, time, timing);
      observe(await client.create(leases, { metadata: key, spec }, {}, signal));
      return true;
    } catch (error) {
      if (!signal.aborted && !hasReason(error, "AlreadyExists")) logger.warn("lease not created", { error });
      return false;
    }
  };
  const isHolder = ({ spec }: Lease): boolean => spec.holderIdentity === identity;
  /** Tries again and again until it works; a deadline ends that even while an answer is awaited. */
  const tryUntil = async (deadlineMs: number, signal: AbortSignal): Promise<boolean> => {
    const deadline = childController(signal);
    const timer = Number.isFinite(deadlineMs)
      ? clock.setTimer(deadlineMs, () => deadline.abort(new AbortError("the deadline has passed")))
      : undefined;
    try {
      while (!deadline.signal.aborted) {
        if (await attempt(deadline.signal)) return true;
        await rest(timing.retryMs * (1 + (timer === undefined ? retryJitter * random.next() : 0)), deadline.signal);
      }
      return false;
    } finally {
      timer?.cancel();
      deadline.dispose();
    }
  };
  const rest = async (delayMs: number, signal: AbortSignal): Promise<void> => {
    try {
      await sleep(clock, delayMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };

  return {
    get isLost() {
      return isLost;
    },
    acquire: (signal) => tryUntil(Number.POSITIVE_INFINITY, signal),
    async keep(signal) {
      isLost = false;
      while (!signal.aborted) {
        await rest(timing.retryMs, signal);
        if (signal.aborted) return;
        isLost = !(await tryUntil(timing.renewDeadlineMs, signal)) && !signal.aborted;
        if (isLost) return;
      }
    },
    async release() {
      if (observed === undefined || !isHolder(observed.lease)) return;
      const time = formatMicroTime(clock.nowMs());
      const { leaseTransitions } = observed.lease.spec;
      const transitions = leaseTransitions === undefined ? {} : { leaseTransitions };
      const spec = { leaseDurationSeconds: 1, acquireTime: time, renewTime: time, ...transitions };
      const deadline = new AbortController();
      const timer = clock.setTimer(timing.renewDeadlineMs, () => deadline.abort(new AbortError("no answer came")));
      try {
        observe(await client.update(leases, { ...observed.lease, spec }, {}, deadline.signal));
      } catch (error) {
        logger.warn("lease not given back", { error });
      } finally {
        timer.cancel();
      }
    },
    tell(what) {
      const { namespace, name } = key;
      const subject = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace, name };
      events.record(subject, "Normal", "LeaderElection", `${identity} ${what}`);
    },
  };
}

/** Whether someone holds a lease that was last seen to change so long ago: clocks of others may be wrong. */
function isHeld({ spec }: Lease, sinceMs: number): boolean {
  const { holderIdentity = "", leaseDurationSeconds = 0 } = spec;
  return holderIdentity !== "" && sinceMs < leaseDurationSeconds * 1000;
}

function renewed(present: Lease | undefined, identity: string, time: string, timing: ElectionTiming): Lease["spec"] {
  const isSame = present?.spec.holderIdentity === identity;
  const { leaseTransitions = 0, acquireTime = time } = present?.spec ?? {};
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.round(timing.leaseMs / 1000),
    acquireTime: isSame ? acquireTime : time,
    renewTime: time,
    leaseTransitions: present === undefined || isSame ? leaseTransitions : leaseTransitions + 1,
  };
}
