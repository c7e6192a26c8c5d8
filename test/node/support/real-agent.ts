import { join } from "node:path";
import type { Input } from "../../../src/api/draft.ts";
import { events as eventResource, pods } from "../../../src/api/resources.ts";
import { hasReason } from "../../../src/api/status-error.ts";
import type { Pod } from "../../../src/api/types/core-v1.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { createSeededRandom } from "../../../src/base/random.ts";
import { createRealClock } from "../../../src/base/real-clock.ts";
import type { Client } from "../../../src/client/client.ts";
import { createEventRecorder } from "../../../src/client/event-recorder.ts";
import { createInformers } from "../../../src/client/shared-informers.ts";
import { createKubelet, type Kubelet } from "../../../src/kubelet/kubelet.ts";
import type { Volumes } from "../../../src/kubelet/volumes.ts";
import { openDiskVolumes } from "../../../src/machine/disk-volumes.ts";
import { readMachineFacts } from "../../../src/machine/machine-facts.ts";
import { createNetworkProber } from "../../../src/machine/network-prober.ts";
import { startTestServer } from "../../../src/testing/test-server.ts";
import { startTestNode, type TestNode } from "./test-node.ts";

export const nodeName = "test-node";

/** A node agent on a real machine, with a real API server beside it. */
export interface RealAgent {
  readonly node: TestNode;
  readonly client: Client;
  readonly volumes: Volumes;
  readonly kubelet: Kubelet;
  /** Creates a pod bound to the node. */
  createPod(input: Input<Pod> & { readonly metadata: { readonly name: string } }): Promise<Pod>;
  pod(name: string): Promise<Pod>;
  hasPod(name: string): Promise<boolean>;
  eventsOf(name: string): Promise<readonly string[]>;
  /** Ends the agent and starts another one; containers go on meanwhile. */
  restartAgent(): Promise<void>;
  close(): Promise<void>;
}

/** Starts containerd, an API server and the agent, and waits until the node is ready. */
export async function startRealAgent(): Promise<RealAgent> {
  const clock = createRealClock();
  const random = createSeededRandom(clock.nowMs());
  const logger = silentLogger;
  const node = await startTestNode();
  const server = await startTestServer({ clock, random, namespaces: ["default", "kube-node-lease"] });
  const { client } = server;
  const volumes = await openDiskVolumes({ dataFolder: node.folder, clock, random });
  const facts = await readMachineFacts(node.folder);
  const startAgent = async () => {
    const stop = new AbortController();
    const context = { client, clock, random, logger };
    const kubelet = createKubelet(
      {
        ...context,
        informers: createInformers(context, stop.signal),
        recorder: createEventRecorder({ ...context, source: { component: "kubelet", host: nodeName } }, stop.signal),
        runtime: node.runtime,
        volumes,
        facts,
        cgroups: node.cgroups,
        prober: createNetworkProber(clock),
        settings: {
          nodeName,
          nodeIps: ["192.0.2.1"],
          version: "v1.36.0+k8ts.test",
          clusterDns: { servers: ["10.96.0.10"], domain: "cluster.local" },
          logRoot: join(node.folder, "logs"),
        },
      },
      stop.signal,
    );
    await kubelet.ready(stop.signal);
    return { kubelet, stop };
  };
  let agent = await startAgent();
  const stopAgent = async (): Promise<void> => {
    agent.stop.abort(new Error("test is over"));
    await agent.kubelet.stopped;
  };
  return {
    node,
    client,
    volumes,
    get kubelet() {
      return agent.kubelet;
    },
    createPod: (input) =>
      client.create(pods, {
        ...input,
        metadata: { namespace: "default", ...input.metadata },
        spec: { nodeName, terminationGracePeriodSeconds: 1, ...input.spec },
      }),
    pod: (name) => client.get(pods, { namespace: "default", name }),
    async hasPod(name) {
      try {
        await client.get(pods, { namespace: "default", name });
        return true;
      } catch (error) {
        if (hasReason(error, "NotFound")) return false;
        throw error;
      }
    },
    async eventsOf(name) {
      const { items } = await client.list(eventResource);
      return items
        .filter((event) => event.involvedObject.name === name)
        .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
    },
    async restartAgent() {
      await stopAgent();
      agent = await startAgent();
    },
    async close() {
      await stopAgent();
      await server.stop();
      await node.close();
    },
  };
}
