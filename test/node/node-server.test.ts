import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Pod } from "../../src/api/types/core-v1.ts";
import { silentLogger } from "../../src/base/log.ts";
import { createRealClock } from "../../src/base/real-clock.ts";
import { type ClusterKeys, issueCertificate, type KeyPair, openClusterKeys } from "../../src/cluster/pki.ts";
import { type NodeServer, type StreamRoute, startNodeServer } from "../../src/machine/node-server.ts";
import { assertUnchanged, type MachineSnapshot, takeSnapshot } from "./support/machine-snapshot.ts";
import { type RealAgent, startRealAgent } from "./support/real-agent.ts";

const clock = createRealClock();
const abort = new AbortController();
let before: MachineSnapshot;
let agent: RealAgent;
let keys: ClusterKeys;
let stranger: KeyPair;
let server: NodeServer;
let keyFolder: string;
let pod: Pod;
let containerId: string;
const accepted: StreamRoute[] = [];

beforeAll(async () => {
  before = await takeSnapshot();
  keyFolder = await mkdtemp(join(tmpdir(), "k8ts-keys-"));
  const hosts = ["127.0.0.1"];
  keys = await openClusterKeys(keyFolder, { clock, hosts, nodeName: "test", nodeHosts: hosts });
  const request = { commonName: "jane", organizations: ["guests"], usages: ["client"] as const };
  stranger = await issueCertificate(keys.authority, request, clock);
  agent = await startRealAgent();
  await startPod();
  server = await startNodeServer(
    {
      nodeName: "test",
      port: 0,
      tls: { key: keys.node.key, certificate: keys.node.certificate, clientAuthority: keys.authority.certificate },
      authority: {
        authenticate: ({ certificate, bearerToken }) => {
          const name = certificate?.commonName ?? (bearerToken === "good" ? "robot" : undefined);
          return Promise.resolve(
            name === undefined ? undefined : { username: name, groups: certificate?.organizations ?? [] },
          );
        },
        authorize: (user) => Promise.resolve(!user.groups.includes("guests")),
      },
      api: agent.kubelet.api,
      runtime: agent.node.runtime,
      dataFolder: agent.node.folder,
      streams: {
        accept(route, _request, socket) {
          accepted.push(route);
          socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n");
        },
      },
      clock,
      logger: silentLogger,
    },
    abort.signal,
  );
});
afterAll(async () => {
  abort.abort();
  await agent.close();
  await rm(keyFolder, { recursive: true });
  await assertUnchanged(before);
});

async function startPod(): Promise<void> {
  const script = "echo first; echo problem >&2; while [ ! -e /stop ]; do sleep 0.05; done; echo last";
  const containers = [{ name: "main", image: "busybox:1.36", command: ["sh", "-c", script] }];
  await agent.createPod({ metadata: { name: "talker" }, spec: { restartPolicy: "Never", containers } });
  await vi.waitUntil(async () => (await agent.pod("talker")).status.phase === "Running", { timeout: 20_000 });
  pod = await agent.pod("talker");
  containerId = (pod.status.containerStatuses?.[0]?.containerID ?? "").replace(/^.*:\/\//, "");
}

interface Caller {
  readonly pair?: KeyPair;
  readonly token?: string;
}

function open(path: string, caller: Caller, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      host: "127.0.0.1",
      port: server.port,
      path,
      ca: keys.authority.certificate,
      agent: false,
      headers: { ...(caller.token === undefined ? {} : { authorization: `Bearer ${caller.token}` }), ...headers },
      ...(caller.pair === undefined ? {} : { key: caller.pair.key, cert: caller.pair.certificate }),
    });
    request.once("response", resolve);
    request.once("upgrade", resolve);
    request.once("error", reject);
    request.end();
  });
}

async function ask(
  path: string,
  caller: Caller = { pair: keys.nodeClient },
): Promise<{ status: number; body: string }> {
  const response = await open(path, caller);
  return { status: response.statusCode ?? 0, body: await text(response) };
}

describe("the node's server", () => {
  it("lets in who proves to be somebody, by certificate or token", async () => {
    expect([
      await ask("/healthz"),
      await ask("/healthz", { token: "good" }),
      await ask("/healthz", { token: "bad" }),
      await ask("/healthz", {}),
      await ask("/pods", { pair: stranger }),
    ]).toEqual([
      { status: 200, body: "ok" },
      { status: 200, body: "ok" },
      { status: 401, body: "Unauthorized" },
      { status: 401, body: "Unauthorized" },
      { status: 403, body: "Forbidden (user=jane, verb=get, resource=nodes, subresource(s)=[pods proxy])\n" },
    ]);
  });

  it("does not believe a certificate of another authority", async () => {
    const folder = await mkdtemp(join(keyFolder, "other-"));
    const others = await openClusterKeys(folder, { clock, hosts: [], nodeName: "x", nodeHosts: [] });
    expect((await ask("/healthz", { pair: others.nodeClient })).status).toBe(401);
  });

  it("lists pods, all of them and those that run", async () => {
    const [all, running] = [await ask("/pods"), await ask("/runningpods/")];
    const names = (body: string) => JSON.parse(body).items.map((item: Pod) => item.metadata.name);
    expect([JSON.parse(all.body).kind, names(all.body), names(running.body)]).toEqual([
      "PodList",
      ["talker"],
      ["talker"],
    ]);
  });

  it("gives logs, and says why there are none", async () => {
    await expect
      .poll(async () => (await ask("/containerLogs/default/talker/main?stream=Stderr")).body)
      .toBe("problem\n");
    expect([
      await ask("/containerLogs/default/talker/main?tailLines=1&stream=All"),
      await ask("/containerLogs/default/other/main"),
      await ask("/containerLogs/default/talker/other"),
      await ask("/containerLogs/default/talker/main?previous=true"),
      await ask("/containerLogs/default/talker/main?tailLines=-1"),
    ]).toEqual([
      { status: 200, body: expect.stringMatching(/^(first|problem)\n$/) },
      { status: 404, body: `pod "other" does not exist` },
      { status: 404, body: `container "other" not found in pod "talker"` },
      { status: 400, body: `previous terminated container "main" in pod "talker" not found` },
      { status: 422, body: `{"message": "Invalid request."}` },
    ]);
  });

  it("gives real numbers of what pods use", async () => {
    const summary = JSON.parse((await ask("/stats/summary")).body);
    const metrics = (await ask("/metrics/resource")).body;
    expect([
      summary.node.nodeName,
      summary.node.memory.workingSetBytes > 1e6,
      summary.pods[0].podRef,
      summary.pods[0].containers[0].name,
      summary.pods[0].containers[0].memory.workingSetBytes > 0,
      summary.pods[0].network.name,
      summary.pods[0].containers[0].logs.usedBytes > 0,
    ]).toEqual([
      "test",
      true,
      { name: "talker", namespace: "default", uid: pod.metadata.uid },
      "main",
      true,
      "eth0",
      true,
    ]);
    expect(metrics).toMatch(/^pod_memory_working_set_bytes\{namespace="default",pod="talker"\} [1-9]\d* \d+$/m);
  });

  it("hands streams on, once they are allowed", async () => {
    const upgrade = { connection: "Upgrade", upgrade: "test" };
    const stream = await open("/exec/default/talker/main?command=ls", { pair: keys.nodeClient }, upgrade);
    const refused = await open("/exec/default/talker/main?command=ls", { pair: stranger }, upgrade);
    const unknown = await open("/nothing", { pair: keys.nodeClient }, upgrade);
    expect([stream.statusCode, refused.statusCode, unknown.statusCode, accepted]).toEqual([
      101,
      403,
      404,
      [{ kind: "exec", namespace: "default", pod: "talker", container: "main" }],
    ]);
    expect(await ask("/exec/default/talker/main?command=ls")).toEqual({
      status: 400,
      body: "Upgrade request required",
    });
  });

  it("follows a log until the container ends", async () => {
    const response = await open("/containerLogs/default/talker/main?follow=true&stream=Stdout", {
      pair: keys.nodeClient,
    });
    const body = text(response);
    await agent.node.runtime.execSync(containerId, ["touch", "/stop"], 5_000);
    expect([response.statusCode, await body]).toEqual([200, "first\nlast\n"]);
  });
});
