import { unauthorized } from "../api/status-error.ts";
import { anonymous, type UserInfo, wellKnownGroups } from "../api/user.ts";
import type { Logger } from "../base/log.ts";
import { type TokenAuthenticator, TokenError } from "./authentication/token-authenticator.ts";
import type { Authenticator, ClientCertificate, Credentials } from "./authentication.ts";

export {
  createTokenUnion,
  type TokenAuthenticator,
  TokenError,
  type VerifiedToken,
} from "./authentication/token-authenticator.ts";

/** Paths that answer without credentials. */
const anonymousPaths: ReadonlySet<string> = new Set(["/healthz", "/livez", "/readyz", "/version"]);

/** Whether a path may be asked for by nobody in particular. Everywhere else a request without credentials gets 401. */
export function allowsAnonymous(path: string): boolean {
  return anonymousPaths.has(path);
}

/**
 * Creates the authenticator of requests: the certificate of the connection first, then the bearer token. One that is
 * no good does not matter when the other is.
 */
export function createAuthenticator(context: {
  readonly tokens: TokenAuthenticator;
  readonly logger: Logger;
}): Authenticator {
  const { tokens, logger } = context;
  return {
    async authenticate({ certificate, badCertificate, bearerToken }: Credentials) {
      const user = certificate === undefined ? undefined : certificateUser(certificate);
      if (user !== undefined) return user;
      let fault = badCertificate;
      if (bearerToken !== undefined && bearerToken !== "") {
        try {
          const verified = await tokens.authenticate(bearerToken);
          if (verified !== undefined) return verified.user;
          fault ??= "unknown bearer token";
        } catch (error) {
          if (!(error instanceof TokenError)) throw error;
          fault = error.message;
        }
      }
      if (fault === undefined) return undefined;
      logger.info("credentials refused", { reason: fault });
      throw unauthorized();
    },
  };
}

/**
 * The user that a verified certificate stands for: its common name, with its organisations as groups.
 * @returns undefined for a certificate without common name
 */
export function certificateUser(certificate: ClientCertificate): UserInfo | undefined {
  const { commonName, organizations, uid, fingerprint } = certificate;
  if (commonName === "") return undefined;
  return {
    username: commonName,
    ...(uid === undefined ? {} : { uid }),
    groups: commonName === anonymous.username ? organizations : withAuthenticated(organizations),
    ...(fingerprint === undefined
      ? {}
      : { extra: { "authentication.kubernetes.io/credential-id": [`X509SHA256=${fingerprint}`] } }),
  };
}

function withAuthenticated(groups: readonly string[]): readonly string[] {
  const { authenticated, unauthenticated } = wellKnownGroups;
  return groups.includes(authenticated) || groups.includes(unauthenticated) ? groups : [...groups, authenticated];
}
