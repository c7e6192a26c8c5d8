import { scheduler } from "node:timers/promises";
import type { Input } from "../api/draft.ts";
import { events as eventResource, pods } from "../api/resources.ts";
import { hasReason } from "../api/status-error.ts";
import type { Pod } from "../api/types/core-v1.ts";
import { type UserInfo, wellKnownGroups } from "../api/user.ts";
import { createLogger } from "../base/log.ts";
import { createSeededRandom } from "../base/random.ts";
import { createVirtualClock, type VirtualClock } from "../base/virtual-clock.ts";
import type { Client } from "../client/client.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { createInformers } from "../client/shared-informers.ts";
import { createKubelet, type Kubelet } from "../kubelet/kubelet.ts";
import type { PodSource } from "../kubelet/pod-source.ts";
import type { KubeletSettings } from "../kubelet/settings.ts";
import {
  createFakeCgroups,
  createFakeFacts,
  createFakeProber,
  createFakeVolumes,
  type FakeCgroups,
  type FakeFacts,
  type FakeProber,
  type FakeVolumes,
} from "./fake-machine.ts";
import { createFakeRuntime, type FakeRuntime, type FakeRuntimeOptions } from "./fake-runtime.ts";
import { startSecureServer } from "./secure-server.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

/** A node agent on a machine that does not exist, with a real API server, in virtual time. */
export interface KubeletHarness {
  readonly client: Client;
  readonly clock: VirtualClock;
  readonly server: TestServer;
  readonly runtime: FakeRuntime;
  readonly volumes: FakeVolumes;
  readonly prober: FakeProber;
  readonly facts: FakeFacts;
  readonly cgroups: FakeCgroups;
  readonly kubelet: Kubelet;
  /** Lines that were logged at `warn` and above. */
  readonly log: readonly { readonly message: string; readonly [field: string]: unknown }[];
  /** Status writes since the beginning, by pod name. */
  readonly statusWrites: readonly string[];
  /** Lets time pass, with everything that happens in it. */
  run(forMs: number): Promise<void>;
  /** Creates a pod bound to the node; what is left out is as in `buildPod`. */
  createPod(input?: Input<Pod>): Promise<Pod>;
  pod(name?: string): Promise<Pod>;
  /** Whether the API still knows the pod. */
  hasPod(name?: string): Promise<boolean>;
  /** Events about a pod or node as `<type> <reason>: <message>`, repeated ones with their count. */
  eventsOf(name?: string): Promise<readonly string[]>;
  /** Ends the agent and starts another on the same machine. */
  restartAgent(): Promise<void>;
  stop(): Promise<void>;
}

export interface KubeletHarnessOptions extends Omit<FakeRuntimeOptions, "clock"> {
  readonly settings?: Partial<KubeletSettings>;
  /** Images on the node. Default `web:1` and `web:2`. */
  readonly images?: readonly string[];
  /** Pods beside those of the API. */
  readonly sources?: readonly PodSource[];
  /** The server checks who does what, and the agent is only a node to it. Default: the agent may do everything. */
  readonly isSecure?: boolean;
}

const namespaces = ["default", "kube-node-lease", "other"];
const nodeUser: UserInfo = {
  username: "system:node:node-1",
  groups: [wellKnownGroups.nodes, wellKnownGroups.authenticated],
};

/** Starts a server and an agent for the node `node-1`, and waits until it is ready. */
export async function startKubeletHarness(options: KubeletHarnessOptions = {}): Promise<KubeletHarness> {
  const clock = createVirtualClock(undefined, macrotask);
  const server =
    options.isSecure === true
      ? await startSecureServer(namespaces, clock)
      : await startTestServer({ clock, namespaces });
  const random = createSeededRandom(7);
  const log: { message: string; [field: string]: unknown }[] = [];
  const logger = createLogger({ clock, level: "warn", write: (line) => log.push(JSON.parse(line)) });
  const runtime = createFakeRuntime({ clock, ...options });
  const [volumes, prober, facts, cgroups] = [
    createFakeVolumes(),
    createFakeProber(),
    createFakeFacts(),
    createFakeCgroups(),
  ];
  for (const image of options.images ?? ["web:1", "web:2"]) runtime.images.put(image);
  const statusWrites: string[] = [];
  const client = countStatusWrites(options.isSecure === true ? server.as(nodeUser) : server.client, statusWrites);
  const settings: KubeletSettings = {
    nodeName: "node-1",
    nodeIps: ["192.0.2.1"],
    version: "v1.36.0+k8ts.test",
    clusterDns: { servers: ["10.96.0.10"], domain: "cluster.local" },
    ...options.settings,
  };
  const startAgent = async () => {
    const stop = new AbortController();
    const context = { client, clock, random, logger };
    const informers = createInformers(context, stop.signal);
    const source = { component: "kubelet", host: "node-1" };
    const recorder = createEventRecorder({ ...context, source }, stop.signal);
    const machine = { runtime, volumes, prober, facts, cgroups };
    const { sources = [] } = options;
    const kubelet = createKubelet({ ...context, ...machine, settings, informers, recorder, sources }, stop.signal);
    await clock.advance(0);
    await kubelet.ready(stop.signal);
    return { kubelet, stop };
  };
  let agent = await startAgent();
  const stopAgent = async (): Promise<void> => {
    agent.stop.abort(new Error("test is over"));
    await clock.advance(0);
    await agent.kubelet.stopped;
  };

  return {
    client: server.client,
    clock,
    server,
    runtime,
    volumes,
    prober,
    facts,
    cgroups,
    get kubelet() {
      return agent.kubelet;
    },
    log,
    statusWrites,
    run: (forMs) => clock.advance(forMs),
    createPod: (input = {}) =>
      server.client.create(pods, {
        ...input,
        metadata: { name: "web", namespace: "default", ...input.metadata },
        spec: { nodeName: "node-1", containers: [{ name: "web", image: "web:1" }], ...input.spec },
      }),
    pod: (name = "web") => server.client.get(pods, { namespace: "default", name }),
    async hasPod(name = "web") {
      try {
        await server.client.get(pods, { namespace: "default", name });
        return true;
      } catch (error) {
        if (hasReason(error, "NotFound")) return false;
        throw error;
      }
    },
    async eventsOf(name = "web") {
      const { items } = await server.client.list(eventResource);
      return items
        .filter((event) => event.involvedObject.name === name)
        .map(({ type, reason, message, count }) => `${type} ${reason}: ${message}${count === 1 ? "" : ` (x${count})`}`);
    },
    async restartAgent() {
      await stopAgent();
      agent = await startAgent();
    },
    async stop() {
      await stopAgent();
      await server.stop();
    },
  };
}

/** Everything that follows from the present moment has happened once the platform takes up its next task. */
function macrotask(): Promise<void> {
  return scheduler.yield();
}

function countStatusWrites(client: Client, writes: string[]): Client {
  return {
    ...client,
    patch(resource, key, type, patch, options, signal) {
      if (resource.plural === "pods" && options?.subresource === "status") writes.push(key.name);
      return client.patch(resource, key, type, patch, options, signal);
    },
  };
}
