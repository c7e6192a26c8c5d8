import { secrets } from "../../api/resources.ts";
import type { Secret } from "../../api/types/core-v1.ts";
import { wellKnownGroups } from "../../api/user.ts";
import { type Clock, parseTime } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { LiveObjects } from "../live-objects.ts";
import { equalInConstantTime, secretText } from "./secret-data.ts";
import type { TokenAuthenticator } from "./token-authenticator.ts";

const tokenPattern = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupPattern = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/** The type of Secrets that hold bootstrap tokens. They stand in kube-system, named `bootstrap-token-<id>`. */
export const bootstrapTokenType = "bootstrap.kubernetes.io/token";

/**
 * Verifies tokens with which new nodes join: `<id>.<secret>`, looked up in Secrets of kube-system.
 * Source: Kubernetes documentation, "Authenticating with Bootstrap Tokens".
 */
export function createBootstrapTokenAuthenticator(context: {
  readonly objects: LiveObjects;
  readonly clock: Clock;
  readonly logger: Logger;
}): TokenAuthenticator {
  const cache = context.objects.of(secrets).cache;
  return {
    async authenticate(token) {
      const match = tokenPattern.exec(token);
      if (match === null) return undefined;
      const [, id = "", secretPart = ""] = match;
      const secret = cache.get(`kube-system/bootstrap-token-${id}`);
      if (secret === undefined) return undefined;
      const fault = findFault(secret, id, secretPart, context.clock.nowMs());
      const groups = fault === undefined ? groupsOf(secret) : undefined;
      if (groups === undefined) {
        const reason = fault ?? "has an invalid value for key auth-extra-groups";
        context.logger.info("bootstrap token refused", { secret: secret.metadata.name, reason });
        return undefined;
      }
      return { user: { username: `system:bootstrap:${id}`, groups: [...groups, wellKnownGroups.authenticated] } };
    },
  };
}

function findFault(secret: Secret, id: string, secretPart: string, nowMs: number): string | undefined {
  if (secret.metadata.deletionTimestamp !== undefined) return "is being deleted";
  if (secret.type !== bootstrapTokenType) return "has another type";
  if (!equalInConstantTime(secretText(secret, "token-secret"), secretPart)) return "has another token-secret";
  if (secretText(secret, "token-id") !== id) return "has another token-id";
  const expiration = secretText(secret, "expiration");
  if (expiration !== "" && (parseTime(expiration) ?? 0) <= nowMs) return "has expired";
  if (secretText(secret, "usage-bootstrap-authentication") !== "true") return "is not for authentication";
  return undefined;
}

/** Sorted, without repeats; undefined when one of the extra groups is not allowed. */
function groupsOf(secret: Secret): string[] | undefined {
  const extra = secretText(secret, "auth-extra-groups");
  const groups = extra === "" ? [] : extra.split(",");
  if (!groups.every((group) => groupPattern.test(group))) return undefined;
  return [...new Set([wellKnownGroups.bootstrappers, ...groups])].sort();
}
