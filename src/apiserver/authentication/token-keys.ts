import { isJsonObject, type JsonObject } from "../../api/json-value.ts";
import { bytesOfBase64Url } from "../../base/base64.ts";
import { textOfBytes } from "./secret-data.ts";

/** Signs service account tokens and knows the keys that they may be signed with. */
export interface TokenKeys {
  /** A compact JWS over the claims, written in the order given. */
  sign(claims: object): Promise<string>;
  /**
   * The claims of a token after checking its signature, and nothing else.
   * @throws {TokenError} when none of the keys signed it
   */
  verify(token: string): Promise<JsonObject>;
  /** Public keys as JSON Web Keys, for those who verify tokens without asking the server. */
  readonly publicKeys: readonly JsonObject[];
  /** For example `RS256`. */
  readonly algorithms: readonly string[];
}

/** The claims of a token before anything has been checked; undefined when it is not a JWT. */
export function peekClaims(token: string): JsonObject | undefined {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(textOfBytes(bytesOfBase64Url(parts[1] ?? "")));
    return isJsonObject(claims) ? claims : undefined;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
