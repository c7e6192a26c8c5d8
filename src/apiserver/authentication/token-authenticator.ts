import type { UserInfo } from "../../api/user.ts";

/** Whom a bearer token stands for. */
export interface VerifiedToken {
  readonly user: UserInfo;
  /** Those of the audiences asked for that the token is meant for; undefined where tokens have no audiences. */
  readonly audiences?: readonly string[];
}

/** Verifies one kind of bearer token. */
export interface TokenAuthenticator {
  /**
   * @param audiences whom the token must be meant for; left out: this API server
   * @returns undefined when it is a token of some other kind
   * @throws {TokenError} when it is of this kind and not valid
   */
  authenticate(token: string, audiences?: readonly string[]): Promise<VerifiedToken | undefined>;
}

/** Why a token is refused. Told to those who may review tokens, never to the caller. */
export class TokenError extends Error {
  override readonly name = "TokenError";
}

/** Longest token that is looked at, in characters: far beyond any that is issued. */
const maxTokenLength = 65_536;

/**
 * Tries several kinds of token in turn.
 * @throws {TokenError} with all complaints when nobody accepts the token
 */
export function createTokenUnion(authenticators: readonly TokenAuthenticator[]): TokenAuthenticator {
  return {
    async authenticate(token, audiences) {
      const complaints: string[] = [];
      if (token.length > maxTokenLength) throw new TokenError(invalidToken);
      for (const authenticator of authenticators) {
        try {
          const verified = await authenticator.authenticate(token, audiences);
          if (verified !== undefined) return verified;
        } catch (error) {
          if (!(error instanceof TokenError)) throw error;
          complaints.push(error.message);
        }
      }
      throw new TokenError(complaints.length === 0 ? invalidToken : `[${[invalidToken, ...complaints].join(", ")}]`);
    },
  };
}

const invalidToken = "invalid bearer token";
