import "reflect-metadata";
import { generateKeyPairSync, webcrypto, X509Certificate } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { nodes, pods, secrets, serviceAccounts } from "../api/resources.ts";
import { silentLogger } from "../base/log.ts";
import { createVirtualClock, type VirtualClock } from "../base/virtual-clock.ts";
import { createFixedObjects, type FixedObjects } from "../testing/fixed-objects.ts";
import { createBootstrapTokenAuthenticator } from "./authentication/bootstrap-tokens.ts";
import { createLegacyTokenAuthenticator, legacyClaims } from "./authentication/legacy-tokens.ts";
import { createServiceAccountTokenAuthenticator } from "./authentication/service-account-tokens.ts";
import { encodeClaims, type TokenClaims } from "./authentication/token-claims.ts";
import { createAuthenticator, createTokenUnion, type TokenAuthenticator } from "./authenticator.ts";
import { readSubject } from "./peer-certificate.node.ts";
import { createTokenKeys } from "./token-keys.node.ts";

const newKey = (): string =>
  generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const keys = createTokenKeys({ signing: newKey() });
const foreignKeys = createTokenKeys({ signing: newKey() });
const issuer = "https://kubernetes.default.svc.cluster.local";
const base64 = (text: string): string => Buffer.from(text).toString("base64");

let objects: FixedObjects;
let clock: VirtualClock;
let tokens: TokenAuthenticator;
let usedSecrets: string[];

beforeEach(() => {
  objects = createFixedObjects();
  clock = createVirtualClock();
  usedSecrets = [];
  objects.put(serviceAccounts, { metadata: { namespace: "ns", name: "sa", uid: "sa-1" } });
  objects.put(pods, { metadata: { namespace: "ns", name: "p", uid: "p-1" }, spec: { containers: [] } });
  objects.put(nodes, { metadata: { name: "n", uid: "n-1" } });
  objects.put(secrets, { metadata: { namespace: "ns", name: "s", uid: "s-1" } });
  const context = { keys, issuer, audiences: [issuer], objects, clock, logger: silentLogger };
  tokens = createTokenUnion([
    createLegacyTokenAuthenticator({
      ...context,
      onUsed: (secret, day) => usedSecrets.push(`${secret.metadata.name} ${day}`),
    }),
    createServiceAccountTokenAuthenticator(context),
    createBootstrapTokenAuthenticator(context),
  ]);
});

function claims(more: Partial<TokenClaims> = {}): TokenClaims {
  const now = clock.nowMs() / 1000;
  return {
    audiences: [issuer],
    expiresAt: now + 3600,
    issuedAt: now,
    issuer,
    id: "id-1",
    notBefore: now,
    subject: "system:serviceaccount:ns:sa",
    namespace: "ns",
    serviceAccount: { name: "sa", uid: "sa-1" },
    ...more,
  };
}

const signed = (more: Partial<TokenClaims> = {}): Promise<string> => keys.sign(encodeClaims(claims(more)));
const complaint = async (token: string, audiences?: readonly string[]): Promise<string> => {
  try {
    return JSON.stringify(await tokens.authenticate(token, audiences));
  } catch (error) {
    return (error as Error).message;
  }
};

const account = {
  username: "system:serviceaccount:ns:sa",
  uid: "sa-1",
  groups: ["system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated"],
};

describe("service account tokens", () => {
  it("stand for the account, with what they are bound to as extra", async () => {
    const token = await signed({ pod: { name: "p", uid: "p-1" }, node: { name: "n", uid: "n-1" } });
    expect(await tokens.authenticate(token)).toEqual({
      audiences: [issuer],
      user: {
        ...account,
        extra: {
          "authentication.kubernetes.io/credential-id": ["JTI=id-1"],
          "authentication.kubernetes.io/node-name": ["n"],
          "authentication.kubernetes.io/node-uid": ["n-1"],
          "authentication.kubernetes.io/pod-name": ["p"],
          "authentication.kubernetes.io/pod-uid": ["p-1"],
        },
      },
    });
  });

  it("carry claims in upstream's order, with the key's hash in the header", async () => {
    const token = await signed({ pod: { name: "p", uid: "p-1" }, warnAfter: 7 });
    const [header = "", payload = ""] = token.split(".").map((part) => Buffer.from(part, "base64url").toString());
    expect([Object.keys(JSON.parse(header)), payload]).toEqual([
      ["alg", "kid"],
      `{"aud":["${issuer}"],"exp":1767229200,"iat":1767225600,"iss":"${issuer}","jti":"id-1","kubernetes.io":{"namespace":"ns","pod":{"name":"p","uid":"p-1"},"serviceaccount":{"name":"sa","uid":"sa-1"},"warnafter":7},"nbf":1767225600,"sub":"system:serviceaccount:ns:sa"}`,
    ]);
  });

  it.each([
    {
      name: "expired",
      more: () => ({ expiresAt: claims().issuedAt - 61 }),
      error: "service account token has expired",
    },
    {
      name: "not yet valid",
      more: () => ({ notBefore: claims().issuedAt + 61 }),
      error: "service account token is not valid yet",
    },
    {
      name: "for someone else",
      more: () => ({ audiences: ["vault"] }),
      error: `token audiences ["vault"] is invalid for the target audiences ["${issuer}"]`,
    },
    {
      name: "of an account that is gone",
      more: () => ({ serviceAccount: { name: "x", uid: "sa-1" } }),
      error: 'serviceaccounts "x" not found',
    },
    {
      name: "of an account that was made anew",
      more: () => ({ serviceAccount: { name: "sa", uid: "sa-0" } }),
      error: "service account UID (sa-1) does not match claim (sa-0)",
    },
    {
      name: "of a pod that is gone",
      more: () => ({ pod: { name: "q", uid: "q-1" } }),
      error: "service account token has been invalidated",
    },
    {
      name: "of a pod that was made anew",
      more: () => ({ pod: { name: "p", uid: "p-0" } }),
      error: "pod UID (p-1) does not match service account pod ref claim (p-0)",
    },
    {
      name: "of another node",
      more: () => ({ node: { name: "n", uid: "n-0" } }),
      error: "node UID (n-1) does not match service account node ref claim (n-0)",
    },
    {
      name: "of another secret",
      more: () => ({ secret: { name: "s", uid: "s-0" } }),
      error: "secret UID (s-1) does not match service account secret ref claim (s-0)",
    },
  ])("are refused when $name", async ({ more, error }) => {
    expect(await complaint(await signed(more()))).toBe(`[invalid bearer token, ${error}]`);
  });

  it("are refused when another key signed them, or their text was changed", async () => {
    const foreign = await foreignKeys.sign(encodeClaims(claims()));
    const good = await signed();
    const other = Buffer.from(JSON.stringify(encodeClaims(claims({ id: "id-2" })))).toString("base64url");
    const changed = good.split(".").with(1, other).join(".");
    expect([await complaint(foreign), await complaint(changed), await complaint("a.b.c")]).toEqual([
      "[invalid bearer token, invalid signature, no keys found]",
      "[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]",
      "invalid bearer token",
    ]);
  });

  it("stop working at once when the account goes, though they were seen before", async () => {
    const token = await signed();
    const before = await complaint(token);
    objects.remove(serviceAccounts, "ns/sa");
    expect([before.includes('"system:serviceaccount:ns:sa"'), await complaint(token)]).toEqual([
      true,
      '[invalid bearer token, serviceaccounts "sa" not found]',
    ]);
  });

  it("work for a minute after their pod began to be deleted", async () => {
    const deletionTimestamp = "2026-01-01T00:00:00Z";
    objects.put(pods, {
      metadata: { namespace: "ns", name: "p", uid: "p-1", deletionTimestamp },
      spec: { containers: [] },
    });
    const token = await signed({ pod: { name: "p", uid: "p-1" } });
    await clock.advance(60_000);
    const inTime = await complaint(token);
    await clock.advance(1);
    expect([inTime.includes("audiences"), await complaint(token)]).toEqual([
      true,
      "[invalid bearer token, service account token has been invalidated]",
    ]);
  });

  it("answer with the audiences asked for that they are meant for", async () => {
    const token = await signed({ audiences: ["vault", issuer, "x"] });
    expect(await tokens.authenticate(token, ["x", "y", "vault"])).toMatchObject({ audiences: ["vault", "x"] });
  });

  it("are also accepted when an older key signed them", async () => {
    const old = newKey();
    const both = createTokenKeys({ signing: newKey(), verification: [old] });
    const token = await createTokenKeys({ signing: old }).sign(encodeClaims(claims()));
    expect([await both.verify(token), both.publicKeys.length]).toMatchObject([{ sub: account.username }, 2]);
  });
});

describe("tokens in Secrets", () => {
  const sign = () => keys.sign(legacyClaims({ namespace: "ns", name: "sa", uid: "sa-1" }, "s"));
  const keep = (token: string, labels = {}): unknown =>
    objects.put(secrets, {
      metadata: { namespace: "ns", name: "s", uid: "s-1", labels },
      type: "kubernetes.io/service-account-token",
      data: { token: base64(token) },
    });

  it("stand for the account as long as the Secret holds them, and are noted as used once a day", async () => {
    const token = await sign();
    keep(token);
    expect(await tokens.authenticate(token)).toEqual({ user: account, audiences: [issuer] });
    keep(token, { "kubernetes.io/legacy-token-last-used": "2026-01-01" });
    await tokens.authenticate(token);
    expect(usedSecrets).toEqual(["s 2026-01-01"]);
  });

  it("are refused when the Secret has changed, is gone, or is marked invalid", async () => {
    const token = await sign();
    keep("other");
    const changed = await complaint(token);
    keep(token, { "kubernetes.io/legacy-token-invalid-since": "2026-01-01" });
    const marked = await complaint(token);
    objects.remove(secrets, "ns/s");
    expect([changed, marked, await complaint(token)]).toEqual([
      "[invalid bearer token, Token does not match server's copy]",
      "[invalid bearer token, the token in secret ns/s for service account ns/sa has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the 'kubernetes.io/legacy-token-invalid-since' label from the secret to temporarily allow use of this token]",
      "[invalid bearer token, Token has been invalidated]",
    ]);
  });
});

describe("bootstrap tokens", () => {
  const good = {
    "token-id": "abcdef",
    "token-secret": "0123456789abcdef",
    "usage-bootstrap-authentication": "true",
    expiration: "2026-01-01T01:00:00Z",
    "auth-extra-groups": "system:bootstrappers:workers,system:bootstrappers:a",
  };
  const keep = (data: Record<string, string>, type = "bootstrap.kubernetes.io/token"): unknown =>
    objects.put(secrets, {
      metadata: { namespace: "kube-system", name: "bootstrap-token-abcdef" },
      type,
      data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
    });

  it("stand for a bootstrap user with its groups", async () => {
    keep(good);
    expect(await tokens.authenticate("abcdef.0123456789abcdef")).toEqual({
      user: {
        username: "system:bootstrap:abcdef",
        groups: [
          "system:bootstrappers",
          "system:bootstrappers:a",
          "system:bootstrappers:workers",
          "system:authenticated",
        ],
      },
    });
  });

  it.each([
    { name: "wrong secret", data: { ...good, "token-secret": "0123456789abcdee" } },
    { name: "wrong id", data: { ...good, "token-id": "abcdee" } },
    { name: "over its time", data: { ...good, expiration: "2026-01-01T00:00:00Z" } },
    { name: "unreadable time", data: { ...good, expiration: "soon" } },
    { name: "not for authentication", data: { ...good, "usage-bootstrap-authentication": "yes" } },
    { name: "groups that nobody may hand out", data: { ...good, "auth-extra-groups": "system:masters" } },
    { name: "type of another kind of Secret", data: good, type: "Opaque" },
  ])("are refused: $name", async ({ data, type }) => {
    keep(data, type);
    expect(await complaint("abcdef.0123456789abcdef")).toBe("invalid bearer token");
  });
});

describe("authenticator of requests", () => {
  const authenticator = () => createAuthenticator({ tokens, logger: silentLogger });
  const certificate = { commonName: "jane", organizations: ["devs"], uid: "7", fingerprint: "ab" };

  it("takes the certificate before the token", async () => {
    expect(await authenticator().authenticate({ certificate, bearerToken: "nonsense" })).toEqual({
      username: "jane",
      uid: "7",
      groups: ["devs", "system:authenticated"],
      extra: { "authentication.kubernetes.io/credential-id": ["X509SHA256=ab"] },
    });
  });

  it("takes a good token beside a bad certificate", async () => {
    const user = await authenticator().authenticate({ badCertificate: "expired", bearerToken: await signed() });
    expect(user).toMatchObject({ username: account.username });
  });

  it("knows nobody without credentials, and refuses bad ones", async () => {
    const ask = async (credentials: object): Promise<unknown> =>
      authenticator()
        .authenticate(credentials)
        .catch((error: { status: { code: number } }) => error.status.code);
    expect([await ask({}), await ask({ bearerToken: "x" }), await ask({ badCertificate: "x" })]).toEqual([
      undefined,
      401,
      401,
    ]);
  });
});

describe("subject of a client certificate", () => {
  it("gives common name, organisations, uid and fingerprint", async () => {
    const x509 = await import("@peculiar/x509");
    const certificateKeys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: "CN=jane, O=devs, O=ops, 1.3.6.1.4.1.57683.2=u-1",
      keys: certificateKeys as webcrypto.CryptoKeyPair,
      signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    });
    expect(readSubject(new X509Certificate(certificate.toString("pem")))).toEqual({
      certificate: {
        commonName: "jane",
        organizations: ["devs", "ops"],
        uid: "u-1",
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
  });
});
