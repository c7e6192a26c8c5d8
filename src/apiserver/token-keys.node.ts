import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { CompactSign, compactVerify, decodeProtectedHeader, errors } from "jose";
import type { JsonObject } from "../api/json-value.ts";
import { TokenError } from "./authentication/token-authenticator.ts";
import type { TokenKeys } from "./authentication/token-keys.ts";

export type { TokenKeys } from "./authentication/token-keys.ts";

const algorithm = "RS256";

/**
 * Creates the keys of service account tokens.
 * @param pem `signing`: a private RSA key; `verification`: further public or private keys whose tokens are still good
 */
export function createTokenKeys(pem: {
  readonly signing: string;
  readonly verification?: readonly string[];
}): TokenKeys {
  const signingKey = createPrivateKey(pem.signing);
  const byId = new Map<string, KeyObject>();
  for (const text of [pem.signing, ...(pem.verification ?? [])]) {
    const key = createPublicKey(text);
    byId.set(keyIdOf(key), key);
  }
  const keyId = keyIdOf(createPublicKey(pem.signing));
  return {
    algorithms: [algorithm],
    publicKeys: [...byId].map(([kid, key]) => {
      const { kty, n, e } = key.export({ format: "jwk" });
      return { use: "sig", kty, kid, alg: algorithm, n, e } as JsonObject;
    }),
    sign(claims) {
      const payload = new TextEncoder().encode(JSON.stringify(claims));
      return new CompactSign(payload).setProtectedHeader({ alg: algorithm, kid: keyId }).sign(signingKey);
    },
    async verify(token) {
      const candidates = keysFor(token, byId);
      if (candidates.length === 0) throw new TokenError("invalid signature, no keys found");
      for (const key of candidates) {
        try {
          const { payload } = await compactVerify(token, key, { algorithms: [algorithm] });
          return JSON.parse(new TextDecoder().decode(payload)) as JsonObject;
        } catch (error) {
          if (!(error instanceof errors.JOSEError) && !(error instanceof SyntaxError)) throw error;
        }
      }
      throw new TokenError("go-jose/go-jose: error in cryptographic primitive");
    },
  };
}

/** A token that names its key is checked with that one alone, any other with all of them. */
function keysFor(token: string, byId: ReadonlyMap<string, KeyObject>): readonly KeyObject[] {
  let kid: string | undefined;
  try {
    kid = decodeProtectedHeader(token).kid;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TokenError("invalid bearer token", { cause: error });
  }
  if (kid === undefined || kid === "") return [...byId.values()];
  const key = byId.get(kid);
  return key === undefined ? [] : [key];
}

/** The key's own name, from which the key cannot be told. Source: what kube-apiserver v1.36 puts into `kid`. */
function keyIdOf(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ format: "der", type: "spki" }))
    .digest("base64url");
}
