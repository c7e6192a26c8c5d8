import type { Draft } from "../../api/draft.ts";
import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type { ApiObject } from "../../api/metadata.ts";
import type { Resource } from "../../api/resource.ts";
import { nodes, pods, secrets, serviceAccounts } from "../../api/resources.ts";
import { badRequest, conflict, invalid, notFound } from "../../api/status-error.ts";
import type { BoundObjectReference, TokenRequest } from "../../api/types/authentication-v1.ts";
import type { ServiceAccount } from "../../api/types/core-v1.ts";
import { type Clock, formatTime } from "../../base/clock.ts";
import { createUid } from "../../base/ids.ts";
import type { Random } from "../../base/random.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { SpecialResource } from "../special-resource.ts";
import { encodeClaims, type ObjectClaim, type TokenClaims } from "./token-claims.ts";
import type { TokenKeys } from "./token-keys.ts";

const kind = { group: "authentication.k8s.io", kind: "TokenRequest" };
const defaultExpirationSeconds = 3600;
const minExpirationSeconds = 600;
const maxExpirationSeconds = 2 ** 32;

/** What admission asks for in projected volumes: such a token lives longer than asked, but is noted as stale. */
const projectedExpirationSeconds = 3607;
const extendedExpirationSeconds = 365 * 24 * 3600;

/** What a token is bound to, looked up. */
type Binding = Pick<TokenClaims, "pod" | "secret" | "node">;

/**
 * Issues tokens for service accounts (`serviceaccounts/token`).
 * Source: KEP-1205; refusals as kube-apiserver v1.36 words them.
 */
export function createTokenRequestResource(context: {
  readonly keys: TokenKeys;
  readonly issuer: string;
  /** Audiences of tokens for which none are asked. */
  readonly audiences: readonly string[];
  readonly objects: LiveObjects;
  readonly clock: Clock;
  readonly random: Random;
}): SpecialResource<TokenRequest> {
  const { objects, clock } = context;
  const accounts = objects.of(serviceAccounts).cache;
  return {
    resource: serviceAccounts,
    subresource: "token",
    async create({ attributes }, body) {
      const { namespace, name } = attributes;
      checkNames(body, namespace, name);
      const account = accounts.get(`${namespace}/${name}`);
      if (account === undefined) throw notFound(serviceAccounts, name);
      const nowMs = clock.nowMs();
      const request = complete(body, account, context.audiences, nowMs);
      const errors = validateSpec(request.spec.expirationSeconds);
      if (errors.length > 0) throw invalid(kind, "", errors);
      const binding = bindTo(request.spec.boundObjectRef, account, objects);
      const lifetime = planLifetime(request, binding, context.audiences);
      const issuedAt = Math.floor(nowMs / 1000);
      const claims: TokenClaims = {
        audiences: request.spec.audiences ?? [],
        expiresAt: issuedAt + lifetime.expirationSeconds,
        issuedAt,
        issuer: context.issuer,
        id: createUid(context.random),
        notBefore: issuedAt,
        subject: `system:serviceaccount:${namespace}:${name}`,
        namespace,
        serviceAccount: claimOf(account),
        ...binding,
        ...(lifetime.warnAfterSeconds === undefined ? {} : { warnAfter: issuedAt + lifetime.warnAfterSeconds }),
      };
      const token = await context.keys.sign(encodeClaims(claims));
      const expirationTimestamp = formatTime(nowMs + request.spec.expirationSeconds * 1000);
      return { ...request, status: { token, expirationTimestamp } };
    },
  };
}

/** Name and namespace may be repeated in the body. */
function checkNames(body: Draft<TokenRequest>, namespace: string, name: string): void {
  const at = FieldPath.of("metadata");
  const given = body.metadata;
  const refuse = (field: "name" | "namespace"): never => {
    const text = `must match the service account ${field} if specified`;
    throw invalid(kind, name, [fieldError.invalid(at.child(field), given[field], text)]);
  };
  if (given.name !== undefined && given.name !== name) refuse("name");
  if (given.namespace !== undefined && given.namespace !== namespace) refuse("namespace");
}

function complete(
  body: Draft<TokenRequest>,
  account: ServiceAccount,
  audiences: readonly string[],
  nowMs: number,
): Draft<TokenRequest> {
  const { name, namespace, uid } = account.metadata;
  const given = body.metadata.uid;
  if (given !== undefined && given !== uid)
    throw conflict(
      { group: kind.group, plural: kind.kind },
      name,
      `the UID in the token request (${given}) does not match the UID of the service account (${uid})`,
    );
  const asked = body.spec.audiences ?? [];
  return {
    ...body,
    metadata: { ...body.metadata, name, namespace, uid, creationTimestamp: formatTime(nowMs) },
    spec: {
      ...body.spec,
      audiences: asked.length === 0 ? [...audiences] : asked,
      // Left out it is null, whatever the type says: the field is a pointer that is always written.
      expirationSeconds: (body.spec.expirationSeconds as number | null) ?? defaultExpirationSeconds,
    },
  };
}

function validateSpec(expirationSeconds: number): FieldError[] {
  const at = FieldPath.of("spec").child("expirationSeconds");
  if (expirationSeconds < minExpirationSeconds)
    return [fieldError.invalid(at, expirationSeconds, "may not specify a duration less than 10 minutes")];
  if (expirationSeconds > maxExpirationSeconds)
    return [fieldError.invalid(at, expirationSeconds, "may not specify a duration larger than 2^32 seconds")];
  return [];
}

/** Looks the object up that a token is to live and die with. */
function bindTo(reference: BoundObjectReference | null, account: ServiceAccount, objects: LiveObjects): Binding {
  if (reference === null) return {};
  const { apiVersion = "", name = "" } = reference;
  const { namespace } = account.metadata;
  const find = <T extends ApiObject>(resource: Resource<T>, key: string): T => {
    const object = objects.of(resource).cache.get(key);
    if (object === undefined) throw notFound(resource, name);
    return object;
  };
  switch (apiVersion.includes("/") ? "" : reference.kind) {
    case "Pod": {
      const pod = find(pods, `${namespace}/${name}`);
      const podAccount = account.metadata.name;
      if (pod.spec.serviceAccountName !== podAccount)
        throw badRequest(
          `cannot bind token for serviceaccount "${podAccount}" to pod running with different serviceaccount name.`,
        );
      checkUid(reference, pod);
      const { nodeName } = pod.spec;
      if (nodeName === undefined) return { pod: claimOf(pod) };
      const node = objects.of(nodes).cache.get(nodeName);
      return { pod: claimOf(pod), node: node === undefined ? { name: nodeName } : claimOf(node) };
    }
    case "Node":
      return { node: claimOf(checkUid(reference, find(nodes, name))) };
    case "Secret":
      return { secret: claimOf(checkUid(reference, find(secrets, `${namespace}/${name}`))) };
    default:
      throw badRequest(`cannot bind token to object of type ${describeKind(apiVersion, reference.kind ?? "")}`);
  }
}

/** As Go prints a group, version and kind: `apps/v1, Kind=Deployment`, `/v1, Kind=Foo`. */
function describeKind(apiVersion: string, name: string): string {
  return `${apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${name}`;
}

function checkUid<T extends ApiObject>(reference: BoundObjectReference, object: T): T {
  if (reference.uid !== undefined && reference.uid !== object.metadata.uid)
    throw conflict(
      { group: "", plural: reference.kind ?? "" },
      object.metadata.name,
      `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  return object;
}

function claimOf({ metadata }: ApiObject): ObjectClaim {
  return { name: metadata.name, uid: metadata.uid };
}

/** Programs that read their token once and never again must not fail on the hour: they get a year, but are noted. */
function planLifetime(
  request: Draft<TokenRequest>,
  binding: Binding,
  ownAudiences: readonly string[],
): { readonly expirationSeconds: number; readonly warnAfterSeconds?: number } {
  const { expirationSeconds, audiences } = request.spec;
  const isOwn = (audiences ?? []).every((audience) => ownAudiences.includes(audience));
  if (binding.pod === undefined || expirationSeconds !== projectedExpirationSeconds || !isOwn)
    return { expirationSeconds };
  return { expirationSeconds: extendedExpirationSeconds, warnAfterSeconds: expirationSeconds };
}
