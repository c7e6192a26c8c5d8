import { request as httpsRequest, type RequestOptions } from "node:https";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roleBindings, roles, serviceAccounts } from "../../src/api/resources.ts";
import type { KeyPair } from "../../src/cluster/pki.ts";
import { type HttpsTestServer, startHttpsServer, testTokens } from "../../src/testing/https-server.ts";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  // oxlint-disable-next-line typescript/no-explicit-any -- bodies of many kinds
  readonly body: any;
}

interface Asked {
  readonly method?: string;
  readonly token?: string;
  readonly keys?: KeyPair;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: object;
}

let server: HttpsTestServer;
beforeAll(async () => {
  server = await startHttpsServer();
});
afterAll(() => server.stop());

const ask = (path: string, { method = "GET", token, keys, headers = {}, body }: Asked = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options: RequestOptions = {
      method,
      ca: server.keys.authority.certificate,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(keys === undefined ? {} : { cert: keys.certificate, key: keys.key }),
    };
    const sent = httpsRequest(`${server.url}${path}`, options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const bytes = Buffer.concat(parts);
        const isJson = response.headers["content-type"] === "application/json" && bytes[0] !== 0x1f;
        const parsed: unknown = isJson ? JSON.parse(bytes.toString()) : bytes.toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, body: parsed });
      });
    });
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
const whoAmI = async (asked: Asked) => {
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const { status, body } = await ask(path, { ...asked, method: "POST", body: {} });
  return status === 201 ? body.status.userInfo : body.message;
};

describe("someone without credentials", () => {
  it.each(["/healthz", "/livez", "/readyz", "/version"])("may look at %s", async (path) => {
    expect((await ask(path)).status).toBe(200);
  });

  it.each(["/api", "/apis", "/openapi/v2", "/api/v1/pods", "/metrics", "/readyz/ping", "/nowhere"])(
    "may not look at %s",
    async (path) => {
      const { status, body } = await ask(path);
      expect([status, body.message, body.reason]).toEqual([401, "Unauthorized", "Unauthorized"]);
    },
  );
});

describe("credentials", () => {
  it("that are wrong are refused even where none are needed", async () => {
    expect((await ask("/healthz", { token: "wrong" })).status).toBe(401);
  });

  it("are a certificate's names", async () => {
    expect(await whoAmI({ keys: server.keys.admin })).toMatchObject({
      username: "kubernetes-admin",
      groups: ["system:masters", "system:authenticated"],
    });
    expect(await whoAmI({ keys: server.keys.node })).toMatchObject({
      username: "system:node:node",
      groups: ["system:nodes", "system:authenticated"],
    });
  });

  it("are a token in a sub-protocol for browsers, too", async () => {
    const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from(testTokens.nobody).toString("base64url")}`;
    const headers = { upgrade: "websocket", "sec-websocket-protocol": `v4.channel.k8s.io, ${protocol}` };
    expect(await whoAmI({ headers })).toMatchObject({ username: "jane" });
  });

  it("are those of a certificate when there is a token as well", async () => {
    expect(await whoAmI({ keys: server.keys.admin, token: testTokens.nobody })).toMatchObject({
      username: "kubernetes-admin",
    });
  });
});

describe("impersonation", () => {
  it("makes someone else of those who may", async () => {
    const headers = {
      "impersonate-user": "bob",
      "impersonate-group": ["devs", "ops"],
      "impersonate-uid": "u1",
      "impersonate-extra-acme.io%2fscope": "a",
    };
    expect(await whoAmI({ token: testTokens.admin, headers })).toEqual({
      username: "bob",
      uid: "u1",
      groups: ["devs", "ops", "system:authenticated"],
      extra: { "acme.io/scope": ["a"] },
    });
  });

  it("is refused to everybody else", async () => {
    expect(await whoAmI({ token: testTokens.nobody, headers: { "impersonate-user": "bob" } })).toBe(
      'selfsubjectreviews.authentication.k8s.io is forbidden: User "jane" cannot impersonate-on:user-info:create resource "selfsubjectreviews" in API group "authentication.k8s.io" at the cluster scope',
    );
  });

  it("needs a user before anything else", async () => {
    const { status, body } = await ask("/api", { token: testTokens.admin, headers: { "impersonate-group": "devs" } });
    expect([status, body.message]).toEqual([
      400,
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"devs"}, Extra:map[string][]string(nil)} without impersonating a user name',
    ]);
  });
});

describe("a service account's token", () => {
  it("is issued, used and dies with its account", async () => {
    const metadata = { namespace: "default", name: "bot" };
    await server.client.create(serviceAccounts, { metadata });
    const namespace = "default";
    const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["list"] }];
    await server.client.create(roles, { metadata: { name: "pod-lister", namespace }, rules });
    await server.client.create(
      roleBindings,
      {
        metadata: { name: "bot" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "pod-lister" },
        subjects: [{ kind: "ServiceAccount", name: "bot", namespace }],
      },
      { namespace },
    );
    const issued = await ask("/api/v1/namespaces/default/serviceaccounts/bot/token", {
      method: "POST",
      token: testTokens.admin,
      body: { spec: { expirationSeconds: 600 } },
    });
    const { token } = issued.body.status;
    expect((await ask("/api/v1/namespaces/default/pods", { token })).status).toBe(200);
    const elsewhere = await ask("/api/v1/namespaces/kube-system/pods", { token });
    expect([elsewhere.status, elsewhere.body.message]).toEqual([
      403,
      'pods is forbidden: User "system:serviceaccount:default:bot" cannot list resource "pods" in API group "" in the namespace "kube-system"',
    ]);
    await server.client.delete(serviceAccounts, metadata);
    expect((await ask("/api/v1/namespaces/default/pods", { token })).status).toBe(401);
  });

  it("can be checked by others with the published keys", async () => {
    const { body } = await ask("/.well-known/openid-configuration", { token: testTokens.admin });
    expect(body).toMatchObject({ issuer: "https://kubernetes.default.svc.cluster.local" });
    const keys = await ask("/openid/v1/jwks", { token: testTokens.admin });
    expect(keys.headers["content-type"]).toBe("application/jwk-set+json");
    expect(JSON.parse(keys.bytes.toString())).toMatchObject({ keys: [{ kty: "RSA", alg: "RS256", use: "sig" }] });
  });
});

describe("OpenAPI", () => {
  it("comes compressed once, and opens to a document", async () => {
    const { headers, bytes } = await ask("/openapi/v3/api/v1", {
      token: testTokens.nobody,
      headers: { "accept-encoding": "gzip" },
    });
    expect(headers["content-encoding"]).toBe("gzip");
    expect(JSON.parse(gunzipSync(bytes).toString())).toMatchObject({ openapi: "3.0.0" });
  });
});
