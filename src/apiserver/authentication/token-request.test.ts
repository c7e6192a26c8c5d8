import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeObject } from "../../api/decode.ts";
import type { Draft } from "../../api/draft.ts";
import { nodes, pods, secrets, serviceAccounts } from "../../api/resources.ts";
import { createSchemaRegistry } from "../../api/schema.ts";
import type { TokenRequest } from "../../api/types/authentication-v1.ts";
import { createSeededRandom } from "../../base/random.ts";
import { createVirtualClock } from "../../base/virtual-clock.ts";
import { createFixedObjects } from "../../testing/fixed-objects.ts";
import { createTokenKeys } from "../token-keys.node.ts";
import { createServiceAccountTokenAuthenticator } from "./service-account-tokens.ts";
import { createTokenRequestResource } from "./token-request.ts";

const issuer = "https://kubernetes.default.svc.cluster.local";
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keys = createTokenKeys({ signing: privateKey.export({ type: "pkcs8", format: "pem" }).toString() });
const clock = createVirtualClock();
const objects = createFixedObjects();
objects.put(serviceAccounts, { metadata: { namespace: "ns", name: "sa", uid: "sa-1" } });
objects.put(secrets, { metadata: { namespace: "ns", name: "s", uid: "s-1" } });
objects.put(nodes, { metadata: { name: "n", uid: "n-1" } });
const pod = (name: string, serviceAccountName: string, nodeName: string): unknown =>
  objects.put(pods, {
    metadata: { namespace: "ns", name, uid: `${name}-1` },
    spec: { serviceAccountName, nodeName, containers: [] },
  });
pod("p", "sa", "n");
pod("lost", "sa", "gone");
pod("q", "other", "n");
const context = { keys, issuer, audiences: [issuer], objects, clock, random: createSeededRandom(1) };
const resource = createTokenRequestResource(context);
const schema = createSchemaRegistry().struct("authentication.v1.TokenRequest");
const request = (name: string) => ({
  attributes: {
    kind: "resource" as const,
    user: { username: "admin", groups: [] },
    verb: "create",
    group: "",
    version: "v1",
    resource: "serviceaccounts",
    subresource: "token",
    namespace: "ns",
    name,
  },
  dryRun: false,
  warn: () => undefined,
});
const ask = async (spec: object, metadata: object = {}, name = "sa"): Promise<TokenRequest> => {
  const body = decodeObject<Draft<TokenRequest>>(schema, { metadata, spec }).object;
  return (await resource.create?.(request(name), body, new AbortController().signal)) as TokenRequest;
};
const claimsOf = (answer: TokenRequest): Record<string, unknown> => {
  const { jti: _id, ...claims } = JSON.parse(
    Buffer.from(answer.status.token.split(".")[1] ?? "", "base64url").toString(),
  );
  return claims;
};
const now = clock.nowMs() / 1000;
const common = { iat: now, iss: issuer, nbf: now, sub: "system:serviceaccount:ns:sa" };
const account = { name: "sa", uid: "sa-1" };

describe("token request", () => {
  it("fills in what was not asked and answers with a token that is good", async () => {
    const answer = await ask({});
    const { token } = answer.status;
    expect(answer).toEqual({
      metadata: { name: "sa", namespace: "ns", uid: "sa-1", creationTimestamp: "2026-01-01T00:00:00Z" },
      spec: { audiences: [issuer], expirationSeconds: 3600, boundObjectRef: null },
      status: { token, expirationTimestamp: "2026-01-01T01:00:00Z" },
    });
    const verified = await createServiceAccountTokenAuthenticator(context).authenticate(token);
    expect(verified?.user.username).toBe("system:serviceaccount:ns:sa");
  });

  it.each([
    {
      name: "nothing",
      spec: { audiences: ["vault"], expirationSeconds: 700 },
      claims: { aud: ["vault"], exp: now + 700, "kubernetes.io": { namespace: "ns", serviceaccount: account } },
    },
    {
      name: "a pod and its node",
      spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p", uid: "p-1" } },
      claims: {
        exp: now + 3600,
        "kubernetes.io": {
          namespace: "ns",
          node: { name: "n", uid: "n-1" },
          pod: { name: "p", uid: "p-1" },
          serviceaccount: account,
        },
      },
    },
    {
      name: "a pod whose node has gone",
      spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "lost" } },
      claims: {
        exp: now + 3600,
        "kubernetes.io": {
          namespace: "ns",
          node: { name: "gone" },
          pod: { name: "lost", uid: "lost-1" },
          serviceaccount: account,
        },
      },
    },
    {
      name: "a pod, for a projected volume: it lasts a year, but is noted after an hour",
      spec: { expirationSeconds: 3607, boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p" } },
      claims: {
        exp: now + 31_536_000,
        "kubernetes.io": {
          namespace: "ns",
          node: { name: "n", uid: "n-1" },
          pod: { name: "p", uid: "p-1" },
          serviceaccount: account,
          warnafter: now + 3607,
        },
      },
    },
    {
      name: "a node",
      spec: { boundObjectRef: { kind: "Node", apiVersion: "v1", name: "n" } },
      claims: {
        exp: now + 3600,
        "kubernetes.io": { namespace: "ns", node: { name: "n", uid: "n-1" }, serviceaccount: account },
      },
    },
    {
      name: "a secret",
      spec: { boundObjectRef: { kind: "Secret", apiVersion: "v1", name: "s" } },
      claims: {
        exp: now + 3600,
        "kubernetes.io": { namespace: "ns", secret: { name: "s", uid: "s-1" }, serviceaccount: account },
      },
    },
  ])("binds the token to $name", async ({ spec, claims }) => {
    expect(claimsOf(await ask(spec))).toEqual({ aud: [issuer], ...common, ...claims });
  });

  it("tells an hour even for a token that lasts a year", async () => {
    const answer = await ask({
      expirationSeconds: 3607,
      boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p" },
    });
    expect(answer.status.expirationTimestamp).toBe("2026-01-01T01:00:07Z");
  });

  it.each([
    {
      name: "too short a life",
      spec: { expirationSeconds: 599 },
      error:
        'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
    },
    {
      name: "too long a life",
      spec: { expirationSeconds: 2 ** 32 + 1 },
      error:
        'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds',
    },
    { name: "no such account", spec: {}, account: "bobo", error: 'serviceaccounts "bobo" not found' },
    {
      name: "another name",
      spec: {},
      metadata: { name: "x" },
      error:
        'TokenRequest.authentication.k8s.io "sa" is invalid: metadata.name: Invalid value: "x": must match the service account name if specified',
    },
    {
      name: "another namespace",
      spec: {},
      metadata: { namespace: "x" },
      error:
        'TokenRequest.authentication.k8s.io "sa" is invalid: metadata.namespace: Invalid value: "x": must match the service account namespace if specified',
    },
    {
      name: "another uid",
      spec: {},
      metadata: { uid: "x" },
      error:
        'Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "sa": the UID in the token request (x) does not match the UID of the service account (sa-1)',
    },
    {
      name: "a kind that tokens are not bound to",
      spec: { boundObjectRef: { kind: "Foo", apiVersion: "v1", name: "x" } },
      error: "cannot bind token to object of type /v1, Kind=Foo",
    },
    {
      name: "no such pod",
      spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "x" } },
      error: 'pods "x" not found',
    },
    {
      name: "a pod of another account",
      spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "q" } },
      error: 'cannot bind token for serviceaccount "sa" to pod running with different serviceaccount name.',
    },
    {
      name: "a pod that was made anew",
      spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p", uid: "p-0" } },
      error:
        'Operation cannot be fulfilled on Pod "p": the UID in the bound object reference (p-0) does not match the UID in record. The object might have been deleted and then recreated',
    },
  ])("refuses $name", async ({ spec, metadata, account: name, error }) => {
    await expect(ask(spec, metadata, name)).rejects.toMatchObject({ message: error });
  });
});
