import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { subjectAccessReviews, tokenReviews } from "../api/resources.ts";
import { type UserInfo, wellKnownGroups } from "../api/user.ts";
import type { Clock } from "../base/clock.ts";
import type { Client } from "../client/client.ts";
import type { NodeAccess, NodeAuthority } from "./node-server/access.ts";

/** How long an answer of the cluster holds. Source: the kubelet's defaults for delegated authentication and authorisation. */
const tokenTtlMs = 120_000;
const allowedTtlMs = 300_000;
const refusedTtlMs = 30_000;

/** Answers that are remembered, of each sort. */
const maxRemembered = 1_000;

interface Remembered<T> {
  readonly value: T;
  readonly untilMs: number;
}

/**
 * Asks the API server who is calling the node's server, by TokenReview, and what they may do, by SubjectAccessReview.
 * Certificates are judged by the connection itself. Refused tokens are not remembered.
 */
export function createDelegatedAuthority(parts: {
  readonly client: Client;
  readonly nodeName: string;
  readonly clock: Clock;
}): NodeAuthority {
  const { client, clock } = parts;
  const users = new LRUCache<string, Remembered<UserInfo>>({ max: maxRemembered });
  const decisions = new LRUCache<string, Remembered<boolean>>({ max: maxRemembered });

  const reviewToken = async (token: string, signal: AbortSignal): Promise<UserInfo | undefined> => {
    const review = await client.create(tokenReviews, { spec: { token } }, {}, signal);
    if (review.status.authenticated !== true) return undefined;
    const { username = "", uid, groups, extra } = review.status.user;
    return {
      username,
      groups: groups ?? [],
      ...(uid === undefined ? {} : { uid }),
      ...(extra === undefined ? {} : { extra: withLists(extra) }),
    };
  };

  const reviewAccess = async (user: UserInfo, access: NodeAccess, signal: AbortSignal): Promise<boolean> => {
    const { username, uid, groups, extra } = user;
    const spec = {
      user: username,
      groups,
      ...(uid === undefined ? {} : { uid }),
      ...(extra === undefined ? {} : { extra }),
      resourceAttributes: {
        verb: access.verb,
        version: "v1",
        resource: "nodes",
        subresource: access.subresource,
        name: parts.nodeName,
      },
    };
    const review = await client.create(subjectAccessReviews, { spec }, {}, signal);
    return review.status.allowed;
  };

  return {
    async authenticate(credentials, signal) {
      const { certificate, bearerToken } = credentials;
      if (certificate !== undefined)
        return {
          username: certificate.commonName,
          groups: [...certificate.organizations, wellKnownGroups.authenticated],
        };
      if (bearerToken === undefined) return undefined;
      const key = createHash("sha256").update(bearerToken).digest("base64");
      const known = users.get(key);
      if (known !== undefined && known.untilMs > clock.monotonicMs()) return known.value;
      const user = await reviewToken(bearerToken, signal);
      if (user !== undefined) users.set(key, { value: user, untilMs: clock.monotonicMs() + tokenTtlMs });
      return user;
    },
    async authorize(user, access, signal) {
      const key = JSON.stringify([user, access.verb, access.subresource]);
      const known = decisions.get(key);
      if (known !== undefined && known.untilMs > clock.monotonicMs()) return known.value;
      const allowed = await reviewAccess(user, access, signal);
      decisions.set(key, { value: allowed, untilMs: clock.monotonicMs() + (allowed ? allowedTtlMs : refusedTtlMs) });
      return allowed;
    },
  };
}

function withLists(
  extra: Readonly<Record<string, readonly string[] | null>>,
): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, values ?? []]));
}
