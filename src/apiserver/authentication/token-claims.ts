import { isJsonObject, type JsonObject, type JsonValue } from "../../api/json-value.ts";

/** The name and uid of an object that a token is bound to. */
export interface ObjectClaim {
  readonly name: string;
  /** Left out for the node of a pod that has gone before the token was made. */
  readonly uid?: string;
}

/** What a service account token says. Times are in seconds since the epoch, as JWTs count. */
export interface TokenClaims {
  readonly audiences: readonly string[];
  readonly expiresAt: number;
  readonly issuedAt: number;
  readonly issuer: string;
  readonly id: string;
  readonly notBefore: number;
  readonly subject: string;
  readonly namespace: string;
  readonly serviceAccount: ObjectClaim;
  readonly pod?: ObjectClaim;
  readonly secret?: ObjectClaim;
  readonly node?: ObjectClaim;
  /** Past this time the bearer should have come for a new token, though the old one still works. */
  readonly warnAfter?: number;
}

/** Writes claims as JWT claims, in alphabetical order as upstream does. Source: KEP-1205, bound service account tokens. */
export function encodeClaims(claims: TokenClaims): object {
  const { namespace, serviceAccount, pod, secret, node, warnAfter } = claims;
  return {
    aud: claims.audiences,
    exp: claims.expiresAt,
    iat: claims.issuedAt,
    iss: claims.issuer,
    jti: claims.id,
    "kubernetes.io": {
      namespace,
      ...(node === undefined ? {} : { node }),
      ...(pod === undefined ? {} : { pod }),
      ...(secret === undefined ? {} : { secret }),
      serviceaccount: serviceAccount,
      ...(warnAfter === undefined ? {} : { warnafter: warnAfter }),
    },
    nbf: claims.notBefore,
    sub: claims.subject,
  };
}

/** Reads the claims of a verified token. What is missing reads as empty or zero, and fails the checks that follow. */
export function decodeClaims(claims: JsonObject): TokenClaims {
  const own = objectOf(claims["kubernetes.io"]);
  const { pod, secret, node, warnafter } = own;
  return {
    audiences: stringsOf(claims["aud"]),
    expiresAt: numberOf(claims["exp"]),
    issuedAt: numberOf(claims["iat"]),
    issuer: textOf(claims["iss"]),
    id: textOf(claims["jti"]),
    notBefore: numberOf(claims["nbf"]),
    subject: textOf(claims["sub"]),
    namespace: textOf(own["namespace"]),
    serviceAccount: objectClaim(own["serviceaccount"]),
    ...(isJsonObject(pod) ? { pod: objectClaim(pod) } : {}),
    ...(isJsonObject(secret) ? { secret: objectClaim(secret) } : {}),
    ...(isJsonObject(node) ? { node: objectClaim(node) } : {}),
    ...(typeof warnafter === "number" ? { warnAfter: warnafter } : {}),
  };
}

function objectClaim(value: JsonValue | undefined): ObjectClaim {
  const { name, uid } = objectOf(value);
  return { name: textOf(name), ...(uid === undefined ? {} : { uid: textOf(uid) }) };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: JsonValue | undefined): number {
  return typeof value === "number" ? value : 0;
}

/** An audience may be written as one string. */
function stringsOf(value: JsonValue | undefined): string[] {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
