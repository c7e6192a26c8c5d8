import type { PathHandler } from "../path-handler.ts";
import type { TokenKeys } from "./token-keys.ts";

const configurationPath = "/.well-known/openid-configuration";
const keysPath = "/openid/v1/jwks";

/** How long those who verify tokens may keep what they were told. */
const maxAgeSeconds = 3600;

/**
 * Tells others how to verify service account tokens by themselves.
 * @param context `externalUrl`: where this server is reached, for example `https://10.0.0.1:6443`
 * Source: Kubernetes documentation, "Service account issuer discovery"; OpenID Connect Discovery 1.0.
 */
export function createOpenidHandler(context: {
  readonly keys: TokenKeys;
  readonly issuer: string;
  readonly externalUrl: string;
}): PathHandler {
  const configuration = JSON.stringify({
    issuer: context.issuer,
    jwks_uri: `${context.externalUrl}${keysPath}`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: context.keys.algorithms,
  });
  const keySet = JSON.stringify({ keys: context.keys.publicKeys });
  const cacheControl = `public, max-age=${maxAgeSeconds}`;
  return {
    paths: [configurationPath, keysPath],
    handle: ({ path }) => {
      const isConfiguration = path === configurationPath;
      const type = isConfiguration ? "application/json" : "application/jwk-set+json";
      return {
        status: 200,
        headers: { "cache-control": cacheControl, "content-type": type },
        body: isConfiguration ? configuration : keySet,
      };
    },
  };
}
