import { goQuote } from "../../api/go-quote.ts";
import type { JsonObject } from "../../api/json-value.ts";
import { secrets, serviceAccounts } from "../../api/resources.ts";
import type { Secret } from "../../api/types/core-v1.ts";
import { serviceAccountUser } from "../../api/user.ts";
import { type Clock, formatTime } from "../../base/clock.ts";
import { quoteList } from "../authorization/policy-rule.ts";
import type { LiveObjects } from "../live-objects.ts";
import { equalInConstantTime, secretText } from "./secret-data.ts";
import { type TokenAuthenticator, TokenError } from "./token-authenticator.ts";
import { peekClaims, type TokenKeys } from "./token-keys.ts";

/** Who issues tokens that live in Secrets and never expire. */
export const legacyIssuer = "kubernetes/serviceaccount";

const claimPrefix = "kubernetes.io/serviceaccount";
const invalidSinceLabel = "kubernetes.io/legacy-token-invalid-since";

/** On a Secret with a token: the last day on which someone used it. */
export const lastUsedLabel = "kubernetes.io/legacy-token-last-used";

/** The claims of a token that is kept in a Secret of type `kubernetes.io/service-account-token`. */
export function legacyClaims(
  account: { readonly namespace: string; readonly name: string; readonly uid: string },
  secretName: string,
): object {
  return {
    iss: legacyIssuer,
    [`${claimPrefix}/namespace`]: account.namespace,
    [`${claimPrefix}/secret.name`]: secretName,
    [`${claimPrefix}/service-account.name`]: account.name,
    [`${claimPrefix}/service-account.uid`]: account.uid,
    sub: `system:serviceaccount:${account.namespace}:${account.name}`,
  };
}

/**
 * Verifies tokens that are kept in Secrets: good as long as the Secret holds them and the service account lives.
 * Source: Kubernetes documentation, "Configure Service Accounts for Pods"; complaints as kube-apiserver v1.36 words them.
 */
export function createLegacyTokenAuthenticator(context: {
  readonly keys: TokenKeys;
  readonly audiences: readonly string[];
  readonly objects: LiveObjects;
  readonly clock: Clock;
  /** Called when a Secret's token is used for the first time on a day (`2026-01-31`), to label it. Must not throw. */
  readonly onUsed: (secret: Secret, day: string) => void;
}): TokenAuthenticator {
  const secretCache = context.objects.of(secrets).cache;
  const accountCache = context.objects.of(serviceAccounts).cache;
  return {
    async authenticate(token, wantedAudiences = context.audiences) {
      if (peekClaims(token)?.["iss"] !== legacyIssuer) return undefined;
      const claims = readClaims(await context.keys.verify(token));
      const audiences = context.audiences.filter((audience) => wantedAudiences.includes(audience));
      if (audiences.length === 0)
        throw new TokenError(
          `token audiences ${quoteList(context.audiences)} is invalid for the target audiences ${quoteList(wantedAudiences)}`,
        );
      const { namespace, name, uid, secretName } = claims;
      const secret = secretCache.get(`${namespace}/${secretName}`);
      if (secret === undefined || secret.metadata.deletionTimestamp !== undefined)
        throw new TokenError("Token has been invalidated");
      if (!equalInConstantTime(secretText(secret, "token"), token))
        throw new TokenError("Token does not match server's copy");
      const account = accountCache.get(`${namespace}/${name}`);
      if (account === undefined) throw new TokenError(`serviceaccounts ${goQuote(name)} not found`);
      if (account.metadata.deletionTimestamp !== undefined)
        throw new TokenError(`ServiceAccount ${namespace}/${name} has been deleted`);
      if (account.metadata.uid !== uid)
        throw new TokenError(`ServiceAccount UID (${account.metadata.uid}) does not match claim (${uid})`);
      noteUse(secret, context.clock.nowMs(), context.onUsed);
      if (secret.metadata.labels?.[invalidSinceLabel] !== undefined)
        throw new TokenError(
          `the token in secret ${namespace}/${secretName} for service account ${namespace}/${name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSinceLabel}' label from the secret to temporarily allow use of this token`,
        );
      return { user: serviceAccountUser(namespace, name, uid), audiences };
    },
  };
}

function readClaims(claims: JsonObject): Record<"namespace" | "name" | "uid" | "secretName", string> {
  const read = (claim: string, title: string): string => {
    const value = claims[claim];
    if (typeof value !== "string" || value === "") throw new TokenError(`${title} claim is missing`);
    return value;
  };
  const subject = read("sub", "sub");
  const namespace = read(`${claimPrefix}/namespace`, "namespace");
  const secretName = read(`${claimPrefix}/secret.name`, "secretName");
  const name = read(`${claimPrefix}/service-account.name`, "serviceAccountName");
  const uid = read(`${claimPrefix}/service-account.uid`, "serviceAccountUID");
  if (subject !== `system:serviceaccount:${namespace}:${name}`) throw new TokenError("sub claim is invalid");
  return { namespace, name, uid, secretName };
}

/** Clocks of several servers may stand on either side of midnight: tomorrow's label is as good as today's. */
function noteUse(secret: Secret, nowMs: number, onUsed: (secret: Secret, day: string) => void): void {
  const day = formatTime(nowMs).slice(0, 10);
  const tomorrow = formatTime(nowMs + 86_400_000).slice(0, 10);
  const label = secret.metadata.labels?.[lastUsedLabel];
  if (label !== day && label !== tomorrow) onUsed(secret, day);
}
