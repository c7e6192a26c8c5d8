import { serviceAccounts } from "../../api/resources.ts";
import type { TokenRequest } from "../../api/types/authentication-v1.ts";
import type { Pod, ServiceAccountTokenProjection } from "../../api/types/core-v1.ts";
import { type Clock, parseTime } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { Client } from "../../client/client.ts";
import { messageOf } from "../pods/error-words.ts";
import { VolumeError } from "../volumes.ts";

/** Fetches tokens of service accounts for pods, and renews them in time. */
export interface TokenManager {
  /** A token bound to the pod. @throws {VolumeError} when there is none and none can be had */
  get(pod: Pod, projection: ServiceAccountTokenProjection, signal: AbortSignal): Promise<string>;
  /** When the first of a pod's tokens should be renewed, in milliseconds since the epoch; undefined without tokens. */
  nextRefreshMs(podUid: string): number | undefined;
  forget(podUid: string): void;
}

/** A token is renewed at four fifths of its life, and after a day at the latest, a little early by chance. */
const refreshShare = 0.8;
const maxAgeMs = 24 * 60 * 60_000;
const maxJitterMs = 10_000;
const defaultExpirationSeconds = 3600;
/** How soon to try again when a renewal fails while the old token is still good. */
const retryMs = 30_000;

interface Held {
  readonly token: string;
  readonly expiresAtMs: number;
  refreshAtMs: number;
}

/** Creates a manager without tokens. */
export function createTokenManager(options: {
  readonly client: Pick<Client, "createSubresource">;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}): TokenManager {
  const { client, clock, random, logger } = options;
  /** By pod, then by what was asked for. */
  const tokens = new Map<string, Map<string, Held>>();

  const fetchToken = async (
    pod: Pod,
    { audience, expirationSeconds = defaultExpirationSeconds }: ServiceAccountTokenProjection,
    signal: AbortSignal,
  ): Promise<Held> => {
    const { namespace, name, uid } = pod.metadata;
    const request = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: {
        audiences: audience === undefined || audience === "" ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      },
    } as const;
    const key = { namespace, name: pod.spec.serviceAccountName ?? "default" };
    const answer = await client.createSubresource<TokenRequest>(serviceAccounts, key, "token", request, signal);
    const lifeMs = (answer.spec.expirationSeconds ?? expirationSeconds) * 1000;
    const expiresAtMs = parseTime(answer.status.expirationTimestamp) ?? clock.nowMs() + lifeMs;
    const issuedAtMs = expiresAtMs - lifeMs;
    const ageMs = Math.min(maxAgeMs, lifeMs * refreshShare) - random.next() * maxJitterMs;
    return { token: answer.status.token, expiresAtMs, refreshAtMs: issuedAtMs + ageMs };
  };

  return {
    async get(pod, projection, signal) {
      const { uid } = pod.metadata;
      const key = JSON.stringify([pod.spec.serviceAccountName, projection.audience, projection.expirationSeconds]);
      const held = tokens.get(uid)?.get(key);
      if (held !== undefined && clock.nowMs() < held.refreshAtMs) return held.token;
      try {
        const fetched = await fetchToken(pod, projection, signal);
        const ofPod = tokens.get(uid) ?? new Map<string, Held>();
        tokens.set(uid, ofPod.set(key, fetched));
        return fetched.token;
      } catch (error) {
        signal.throwIfAborted();
        if (held === undefined) throw new VolumeError(`failed to fetch token: ${messageOf(error)}`, { cause: error });
        if (held.expiresAtMs <= clock.nowMs())
          throw new VolumeError(`token ${key} expired and refresh failed: ${messageOf(error)}`, { cause: error });
        logger.warn("token not renewed", { pod: uid, error });
        held.refreshAtMs = clock.nowMs() + retryMs;
        return held.token;
      }
    },
    nextRefreshMs(podUid) {
      const times = [...(tokens.get(podUid)?.values() ?? [])].map(({ refreshAtMs }) => refreshAtMs);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    forget: (podUid) => void tokens.delete(podUid),
  };
}
