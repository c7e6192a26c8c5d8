import { scheduler } from "node:timers/promises";
import type { Input } from "../api/draft.ts";
import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import { events as eventResource, leases, namespaces, nodes, pods, serviceAccounts } from "../api/resources.ts";
import { hasReason } from "../api/status-error.ts";
import type { Node, Pod } from "../api/types/core-v1.ts";
import { type UserInfo, wellKnownGroups } from "../api/user.ts";
import { createAdmissionPlugins } from "../apiserver/admission-plugins.ts";
import { createRbacAuthorizer } from "../apiserver/rbac-authorizer.ts";
import { reconcileDefaults, serverUser } from "../apiserver/standard-parts.ts";
import { createUnionAuthorizer, mastersAuthorizer } from "../apiserver/union-authorizer.ts";
import { formatMicroTime, formatTime } from "../base/clock.ts";
import { createLogger } from "../base/log.ts";
import { createSeededRandom } from "../base/random.ts";
import { createVirtualClock, type VirtualClock } from "../base/virtual-clock.ts";
import type { Client } from "../client/client.ts";
import { objectKey } from "../client/object-key.ts";
import { createInformer } from "../client/shared-informers.ts";
import type { ControllerDefinition } from "../controllerkit/controller.ts";
import { runControllers } from "../controllerkit/manager.ts";
import { isPodTerminal } from "../resources/pod-status.ts";
import { createLaggingClient } from "./lagging-client.ts";
import { startTestServer, type TestServer, type TestServerOptions } from "./test-server.ts";

/** What hollow nodes do with a pod; the times are virtual. */
export interface HollowBehaviour {
  /** How long after a pod appears it runs and is ready. Default 1 s; undefined: it stays pending. */
  readonly readyAfterMs?: (pod: Pod) => number | undefined;
  /** How long a pod takes to stop. Default 1 s. */
  readonly stopAfterMs?: (pod: Pod) => number;
  /** When and how a running pod ends by itself. Default: never. */
  readonly ends?: (
    pod: Pod,
  ) => { readonly afterMs: number; readonly phase: "Succeeded" | "Failed"; readonly exitCode?: number } | undefined;
}

/** A control plane in a test: API server, controllers and nodes without machines, all in virtual time. */
export interface ControllerHarness {
  readonly client: Client;
  readonly clock: VirtualClock;
  readonly server: TestServer;
  /** Lines that components logged at `warn` and above. */
  readonly log: readonly { readonly message: string; readonly [field: string]: unknown }[];
  /** Lets time pass, with everything that happens in it. */
  run(forMs: number): Promise<void>;
  /** Lets time pass until the condition holds. @throws {Error} when it does not within `withinMs` */
  until(what: string, condition: () => Promise<boolean>, withinMs?: number): Promise<void>;
  addNode(name: string, more?: Input<Node>): Promise<void>;
  /** The machine falls silent, its pods with it. */
  failNode(name: string): void;
  /** The machine is back, and says that it is ready. */
  recoverNode(name: string): Promise<void>;
  list<T extends ApiObject>(resource: Resource<T>, namespace?: string): Promise<readonly T[]>;
  /** Events about an object as `<type> <reason>: <message>`, repeated ones with their count. */
  eventsOf(name: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts a harness. Pods without a node are bound to the first one that their affinity names, or else in turn. */
export async function startControllerHarness(options: {
  readonly controllers: readonly ControllerDefinition[];
  readonly nodes?: readonly string[];
  readonly behaviour?: HollowBehaviour;
  readonly server?: TestServerOptions;
  /** Nodes renew their leases every 10 s and leave taints to the node life cycle. Default: nodes just stand there. */
  readonly heartbeats?: boolean;
  /** How far the controllers' caches lag behind the server, as over a network. Default 0. */
  readonly cacheLagMs?: number;
  /** Makes what is there before the controllers start. */
  readonly given?: (client: Client) => Promise<unknown>;
}): Promise<ControllerHarness> {
  const clock = createVirtualClock(undefined, macrotask);
  const random = createSeededRandom(11);
  const server = await startTestServer({
    parts: ({ objects, schemas, client: clientOf }) => {
      const rbac = createRbacAuthorizer(objects);
      const authorizer = createUnionAuthorizer([mastersAuthorizer, rbac]);
      return {
        authorizer,
        admission: createAdmissionPlugins({
          objects,
          authorizer,
          rbac,
          schemas,
          clock,
          random,
          client: () => clientOf(serverUser),
        }),
      };
    },
    ...options.server,
    clock,
    random,
  });
  const { client } = server;
  const log: { message: string; [field: string]: unknown }[] = [];
  const logger = createLogger({ clock, level: "warn", write: (line) => log.push(JSON.parse(line)) });
  const stop = new AbortController();
  const context = { client, clock, random, logger };
  await reconcileDefaults(client, logger, stop.signal);
  for (const namespace of options.server?.namespaces ?? ["default"])
    await client.create(serviceAccounts, { metadata: { name: "default" } }, { namespace });
  await options.given?.(client);
  const { controllers: definitions, cacheLagMs = 0 } = options;
  const clientFor = (user: UserInfo): Client => server.as(user);
  const running = runControllers(
    {
      ...context,
      client: createLaggingClient(server.as(controllerManager), clock, cacheLagMs),
      definitions,
      clientFor,
    },
    stop.signal,
  );
  if (options.heartbeats === true) await client.create(namespaces, { metadata: { name: leaseNamespace } });
  const fleet = createFleet(context, options.heartbeats === true, stop.signal);
  runHollowNodes(context, options.behaviour ?? {}, fleet.failed, stop.signal);

  const harness: ControllerHarness = {
    client,
    clock,
    server,
    log,
    run: (forMs) => clock.advance(forMs),
    async until(what, condition, withinMs = 120_000) {
      await macrotask();
      for (let passedMs = 0; passedMs <= withinMs; passedMs += 250) {
        if (await condition()) return;
        await clock.advance(250);
      }
      throw new Error(`never came: ${what}\n${log.slice(-5).map(summarize).join("\n")}`);
    },
    async addNode(name, more = {}) {
      await client.create(nodes, { ...more, metadata: { name, ...more.metadata } });
      await fleet.start(name);
      // New nodes carry a taint until they are ready, which the node life cycle would take off.
      if (options.heartbeats !== true)
        await client.patch(nodes, { name }, "merge", { spec: { taints: more.spec?.taints ?? null } });
    },
    failNode: (name) => void fleet.failed.add(name),
    recoverNode: (name) => fleet.start(name),
    list: async (resource, namespace) =>
      (await client.list(resource, namespace === undefined ? {} : { namespace })).items,
    async eventsOf(name) {
      const { items } = await client.list(eventResource);
      return items
        .filter((event) => event.involvedObject.name === name)
        .map(({ type, reason, message, count }) => `${type} ${reason}: ${message}${count === 1 ? "" : ` (x${count})`}`);
    },
    async stop() {
      stop.abort();
      await clock.advance(0);
      await running;
      await server.stop();
    },
  };
  for (const name of options.nodes ?? ["node-1"]) await harness.addNode(name);
  await harness.run(0);
  return harness;
}

/** Whose rights the shared caches of controllers are filled with. */
const controllerManager: UserInfo = {
  username: "system:kube-controller-manager",
  groups: [wellKnownGroups.authenticated],
};

function summarize({ message, controller, error }: { readonly [field: string]: unknown }): string {
  return `${controller}: ${message}: ${(error as { message?: string } | undefined)?.message}`;
}

/** Everything that follows from the present moment has happened once the platform takes up its next task. */
function macrotask(): Promise<void> {
  return scheduler.yield();
}

interface Context {
  readonly client: Client;
  readonly clock: VirtualClock;
  readonly random: ReturnType<typeof createSeededRandom>;
  readonly logger: ReturnType<typeof createLogger>;
}

/** Failed nodes do what they have missed this long after they are back, at the latest. */
const retryMs = 5_000;

const leaseNamespace = "kube-node-lease";
const heartbeatMs = 10_000;

/** The machines, as far as their nodes show them. */
function createFleet({ client, clock }: Context, hasHeartbeats: boolean, signal: AbortSignal) {
  const failed = new Set<string>();
  const beating = new Set<string>();
  const beat = async (name: string): Promise<void> => {
    if (signal.aborted) return;
    const key = { namespace: leaseNamespace, name };
    const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: formatMicroTime(clock.nowMs()) };
    clock.setTimer(heartbeatMs, () => void beat(name));
    if (failed.has(name)) return;
    try {
      await client.patch(leases, key, "merge", { spec });
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
      await client.create(leases, { metadata: key, spec });
    }
  };
  return {
    failed,
    async start(name: string): Promise<void> {
      failed.delete(name);
      const time = formatTime(clock.nowMs());
      const ready = { type: "Ready", status: "True", lastHeartbeatTime: time, lastTransitionTime: time };
      const patch = { status: { conditions: [ready] } };
      await client.patch(nodes, { name }, "strategic", patch, { subresource: "status" });
      if (hasHeartbeats && !beating.has(name)) await beat(name);
      beating.add(name);
    },
  };
}

/** Plays scheduler and node agents: binds pods, lets them run, end and stop. */
function runHollowNodes(
  context: Context,
  behaviour: HollowBehaviour,
  failed: ReadonlySet<string>,
  signal: AbortSignal,
): void {
  const { client, clock } = context;
  const podInformer = createInformer(context, pods, {}, signal);
  const nodeInformer = createInformer(context, nodes, {}, signal);
  const known = new Set<string>();
  let turn = 0;

  const act = (pod: Pod, afterMs: number, action: (pod: Pod) => Promise<unknown>): void => {
    clock.setTimer(afterMs, () => void attempt(pod, action));
  };
  const attempt = async (pod: Pod, action: (pod: Pod) => Promise<unknown>): Promise<void> => {
    if (signal.aborted) return;
    if (failed.has(pod.spec.nodeName ?? "")) {
      act(pod, retryMs, action);
      return;
    }
    try {
      const fresh = await client.get(pods, objectKey(pod));
      if (fresh.metadata.uid === pod.metadata.uid) await action(fresh);
    } catch (error) {
      if (hasReason(error, "Conflict")) act(pod, 10, action);
      else if (!hasReason(error, "NotFound")) throw error;
    }
  };
  const setStatus = (pod: Pod, status: Input<Pod["status"]>): Promise<unknown> =>
    client.update(pods, { ...pod, status: { ...pod.status, ...status } } as Input<Pod>, { subresource: "status" });
  const bind = async (pod: Pod): Promise<void> => {
    const node = chooseNode(pod, nodeInformer.cache.list(), turn);
    turn += 1;
    if (node === undefined) {
      act(pod, retryMs, bind);
      return;
    }
    const target = { kind: "Node", name: node };
    await client.createSubresource(pods, objectKey(pod), "binding", { metadata: { name: pod.metadata.name }, target });
  };
  const start = async (pod: Pod): Promise<void> => {
    if (isPodTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) return;
    const time = formatTime(clock.nowMs());
    const conditions = [{ type: "Ready", status: "True" as const, lastTransitionTime: time }];
    await setStatus(pod, {
      phase: "Running",
      conditions,
      startTime: time,
      podIP: podAddress(pod),
      podIPs: [{ ip: podAddress(pod) }],
    });
    const end = behaviour.ends?.(pod);
    if (end !== undefined)
      act(pod, end.afterMs, (running) => finish(running, end.phase, end.exitCode ?? (end.phase === "Failed" ? 1 : 0)));
  };
  const finish = async (pod: Pod, phase: "Succeeded" | "Failed", exitCode: number): Promise<void> => {
    if (isPodTerminal(pod)) return;
    const time = formatTime(clock.nowMs());
    await setStatus(pod, {
      phase,
      conditions: [{ type: "Ready", status: "False", lastTransitionTime: time }],
      containerStatuses: (pod.spec.containers ?? []).map(({ name, image = "" }) => ({
        name,
        image,
        imageID: image,
        ready: false,
        restartCount: 0,
        state: { terminated: { exitCode, finishedAt: time, startedAt: time } },
      })),
    });
  };
  const remove = async (pod: Pod): Promise<void> => {
    if (!isPodTerminal(pod) && pod.status.phase === "Running") await finish(pod, "Succeeded", 0);
    await client.delete(pods, objectKey(pod), { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } });
  };

  podInformer.onChange(({ before, after }) => {
    if (after === undefined) {
      known.delete(before?.metadata.uid ?? "");
      return;
    }
    const { uid, deletionTimestamp } = after.metadata;
    if (deletionTimestamp !== undefined && before?.metadata.deletionTimestamp === undefined)
      act(after, behaviour.stopAfterMs?.(after) ?? 1_000, remove);
    if (after.spec.nodeName === undefined && before === undefined) act(after, 1, bind);
    if (after.spec.nodeName === undefined || known.has(uid)) return;
    known.add(uid);
    const readyAfterMs = behaviour.readyAfterMs === undefined ? 1_000 : behaviour.readyAfterMs(after);
    if (readyAfterMs !== undefined) act(after, readyAfterMs, start);
  });
}

function chooseNode(pod: Pod, all: readonly Node[], turn: number): string | undefined {
  const [term] =
    pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const named = term?.matchFields?.[0]?.values?.[0];
  if (named !== undefined) return all.some((node) => node.metadata.name === named) ? named : undefined;
  const fit = all.filter(({ spec }) => !(spec.taints ?? []).some(({ effect }) => effect !== "PreferNoSchedule"));
  return fit[turn % Math.max(1, fit.length)]?.metadata.name;
}

/** Some address, the same for a pod each time. */
function podAddress(pod: Pod): string {
  let hash = 0;
  for (const letter of pod.metadata.uid) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
  return `10.244.${(hash >>> 8) % 256}.${(hash % 253) + 1}`;
}
