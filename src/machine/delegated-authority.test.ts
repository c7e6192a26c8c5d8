import { describe, expect, it } from "vitest";
import { serviceAccounts } from "../api/resources.ts";
import type { TokenRequest } from "../api/types/authentication-v1.ts";
import type { UserInfo } from "../api/user.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import type { Client } from "../client/client.ts";
import { jane, startSecureServer } from "../testing/secure-server.ts";
import { testAdmin } from "../testing/test-server.ts";
import { createDelegatedAuthority } from "./delegated-authority.ts";

const never = new AbortController().signal;
const monitor: UserInfo = { username: "monitor", groups: ["system:authenticated"] };
const stats = { verb: "get", subresource: "stats", path: "/stats/summary" };

function counting(client: Client): { readonly client: Client; calls(): number } {
  let calls = 0;
  const create: Client["create"] = (...parameters) => {
    calls += 1;
    return client.create(...parameters);
  };
  return { client: { ...client, create }, calls: () => calls };
}

describe("delegated authority", () => {
  it("takes a certificate's word for who is calling", async () => {
    const server = await startSecureServer();
    const authority = createDelegatedAuthority({ client: server.client, nodeName: "n", clock: server.clock });
    const certificate = { commonName: "kube-apiserver", organizations: ["system:masters"] };
    expect([await authority.authenticate({ certificate }, never), await authority.authenticate({}, never)]).toEqual([
      { username: "kube-apiserver", groups: ["system:masters", "system:authenticated"] },
      undefined,
    ]);
    await server.stop();
  });

  it("asks the cluster about tokens, and believes only good ones", async () => {
    const server = await startSecureServer();
    const authority = createDelegatedAuthority({ client: server.client, nodeName: "n", clock: server.clock });
    const key = { namespace: "default", name: "robot" };
    await server.client.create(serviceAccounts, { metadata: key });
    const { status } = await server.client.createSubresource<TokenRequest>(serviceAccounts, key, "token", {});
    expect([
      await authority.authenticate({ bearerToken: status.token }, never),
      await authority.authenticate({ bearerToken: `${status.token}x` }, never),
      await authority.authenticate({ bearerToken: "made-up" }, never),
    ]).toEqual([expect.objectContaining({ username: "system:serviceaccount:default:robot" }), undefined, undefined]);
    await server.stop();
  });

  it("asks the cluster what a user may do, and remembers the answer for a while", async () => {
    const clock = createVirtualClock();
    const server = await startSecureServer(["default"], clock);
    const { client, calls } = counting(server.client);
    const authority = createDelegatedAuthority({ client, nodeName: "n", clock });
    const ask = (user: UserInfo) => authority.authorize(user, stats, never);
    expect([await ask(testAdmin), await ask(jane), await ask(monitor), await ask(jane), calls()]).toEqual([
      true,
      false,
      false,
      false,
      3,
    ]);
    await clock.advance(31_000);
    await Promise.all([ask(jane), ask(testAdmin)]);
    expect(calls()).toBe(4);
    await server.stop();
  });
});
