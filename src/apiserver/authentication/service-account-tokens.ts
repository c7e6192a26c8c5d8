import { LRUCache } from "lru-cache";
import { goQuote } from "../../api/go-quote.ts";
import type { ApiObject } from "../../api/metadata.ts";
import type { Resource } from "../../api/resource.ts";
import { nodes, pods, secrets, serviceAccounts } from "../../api/resources.ts";
import { serviceAccountUser, type UserInfo } from "../../api/user.ts";
import { type Clock, parseTime } from "../../base/clock.ts";
import { quoteList } from "../authorization/policy-rule.ts";
import type { LiveObjects } from "../live-objects.ts";
import { type TokenAuthenticator, TokenError } from "./token-authenticator.ts";
import { decodeClaims, type ObjectClaim, type TokenClaims } from "./token-claims.ts";
import { peekClaims, type TokenKeys } from "./token-keys.ts";

/** Keys of a user's extra fields that tell where a token came from. */
export const tokenExtra = {
  podName: "authentication.kubernetes.io/pod-name",
  podUid: "authentication.kubernetes.io/pod-uid",
  nodeName: "authentication.kubernetes.io/node-name",
  nodeUid: "authentication.kubernetes.io/node-uid",
  credentialId: "authentication.kubernetes.io/credential-id",
} as const;

/** Tokens whose signature has been checked already. What they are bound to is looked at anew each time. */
const maxVerifiedTokens = 8192;

/** Clocks of issuer and verifier may differ by this much; also how long a deleted object's token still works. */
const leewaySeconds = 60;

/**
 * Verifies tokens that this API server issued for service accounts: signature, time, audience, and that the account,
 * pod, secret or node that a token is bound to is still the one that it was made for.
 * Source: KEP-1205 and KEP-4193; complaints as kube-apiserver v1.36 words them.
 */
export function createServiceAccountTokenAuthenticator(context: {
  readonly keys: TokenKeys;
  readonly issuer: string;
  /** Whom tokens must be meant for to be good here. */
  readonly audiences: readonly string[];
  readonly objects: LiveObjects;
  readonly clock: Clock;
}): TokenAuthenticator {
  const { keys, issuer, objects, clock } = context;
  const verified = new LRUCache<string, TokenClaims>({ max: maxVerifiedTokens });
  const caches = cachesOf(objects);
  return {
    async authenticate(token, wantedAudiences = context.audiences) {
      let claims = verified.get(token);
      if (claims === undefined) {
        if (peekClaims(token)?.["iss"] !== issuer) return undefined;
        claims = decodeClaims(await keys.verify(token));
        verified.set(token, claims);
      }
      const given = claims.audiences.length === 0 ? context.audiences : claims.audiences;
      const audiences = given.filter((audience) => wantedAudiences.includes(audience));
      if (audiences.length === 0)
        throw new TokenError(
          `token audiences ${quoteList(given)} is invalid for the target audiences ${quoteList(wantedAudiences)}`,
        );
      const nowMs = clock.nowMs();
      checkTime(claims, nowMs / 1000);
      checkBinding(claims, caches, nowMs);
      return { user: userOf(claims), audiences };
    },
  };
}

type Find = (key: string) => ApiObject | undefined;
type Caches = Readonly<Record<"serviceAccount" | "secret" | "pod" | "node", Find>>;

function cachesOf(objects: LiveObjects): Caches {
  const find = <T extends ApiObject>(resource: Resource<T>): Find => {
    const { cache } = objects.of(resource);
    return (key) => cache.get(key);
  };
  return { serviceAccount: find(serviceAccounts), secret: find(secrets), pod: find(pods), node: find(nodes) };
}

function checkTime(claims: TokenClaims, nowSeconds: number): void {
  if (nowSeconds - leewaySeconds > claims.expiresAt) throw new TokenError("service account token has expired");
  if (nowSeconds + leewaySeconds < claims.notBefore) throw new TokenError("service account token is not valid yet");
  if (nowSeconds + leewaySeconds < claims.issuedAt)
    throw new TokenError("service account token is issued in the future");
}

function checkBinding(claims: TokenClaims, caches: Caches, nowMs: number): void {
  const { namespace, serviceAccount, secret, pod, node } = claims;
  const account = caches.serviceAccount(`${namespace}/${serviceAccount.name}`);
  if (account === undefined) throw new TokenError(`serviceaccounts ${goQuote(serviceAccount.name)} not found`);
  if (account.metadata.uid !== serviceAccount.uid)
    throw new TokenError(
      `service account UID (${account.metadata.uid}) does not match claim (${serviceAccount.uid ?? ""})`,
    );
  if (isLongDeleted(account, nowMs))
    throw new TokenError(`service account ${namespace}/${serviceAccount.name} has been deleted`);
  if (secret !== undefined) checkBound("secret", secret, caches.secret(`${namespace}/${secret.name}`), nowMs);
  if (pod !== undefined) checkBound("pod", pod, caches.pod(`${namespace}/${pod.name}`), nowMs);
  else if (node !== undefined) checkBound("node", node, caches.node(node.name), nowMs);
}

function checkBound(kind: string, claim: ObjectClaim, object: ApiObject | undefined, nowMs: number): void {
  if (object === undefined || isLongDeleted(object, nowMs))
    throw new TokenError("service account token has been invalidated");
  const { uid } = object.metadata;
  if (uid === claim.uid) return;
  throw new TokenError(`${kind} UID (${uid}) does not match service account ${kind} ref claim (${claim.uid ?? ""})`);
}

function isLongDeleted(object: ApiObject, nowMs: number): boolean {
  const deletedAtMs = parseTime(object.metadata.deletionTimestamp);
  return deletedAtMs !== undefined && deletedAtMs < nowMs - leewaySeconds * 1000;
}

function userOf(claims: TokenClaims): UserInfo {
  const { pod, node } = claims;
  const extra: Record<string, readonly string[]> = {};
  if (pod?.uid !== undefined) {
    extra[tokenExtra.podName] = [pod.name];
    extra[tokenExtra.podUid] = [pod.uid];
  }
  if (claims.id !== "") extra[tokenExtra.credentialId] = [`JTI=${claims.id}`];
  if (node !== undefined) {
    extra[tokenExtra.nodeName] = [node.name];
    if (node.uid !== undefined) extra[tokenExtra.nodeUid] = [node.uid];
  }
  return { ...serviceAccountUser(claims.namespace, claims.serviceAccount.name, claims.serviceAccount.uid), extra };
}
