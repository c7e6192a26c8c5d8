import { nodes, pods, runtimeClasses, services } from "../api/resources.ts";
import type { Pod, Service } from "../api/types/core-v1.ts";
import { type Clock, sleep } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import type { Informers } from "../client/informer.ts";
import { createInformer } from "../client/shared-informers.ts";
import { admitPod } from "./admission/admit-pod.ts";
import type { Cgroups } from "./cgroups.ts";
import { burstableCpuShares, podsCgroup, qosCgroupPath } from "./containers/container-resources.ts";
import { cpuSharesOf } from "./containers/cpu-shares.ts";
import { createEvictionManager } from "./eviction/eviction-manager.ts";
import { admitUnderPressure } from "./eviction/plan-eviction.ts";
import { removeLeftovers } from "./housekeeping.ts";
import { createImageCollector } from "./images/image-collector.ts";
import { createImageManager } from "./images/image-manager.ts";
import { nodeCgroupLimits } from "./node/node-cgroup.ts";
import { keepLease } from "./node/node-lease.ts";
import { createNodeMonitor } from "./node/node-monitor.ts";
import { createNodeReporter, nodeReference } from "./node/node-reporter.ts";
import { createNodeApi, type NodeApi } from "./node-api.ts";
import type { NodeFacts } from "./node-facts.ts";
import type { PodSource } from "./pod-source.ts";
import { messageOf } from "./pods/error-words.ts";
import { crashLoopPolicy, createKeyedBackoff } from "./pods/keyed-backoff.ts";
import type { PodContext } from "./pods/pod-context.ts";
import { createPodWorkers, type PodWorkers, type Rejection } from "./pods/pod-workers.ts";
import { createRuntimeCache } from "./pods/runtime-cache.ts";
import type { Prober } from "./prober.ts";
import { createProbeManager } from "./probes/probe-manager.ts";
import { createResizeManager } from "./resize/resize-manager.ts";
import type { Runtime } from "./runtime.ts";
import { completeSettings, type KubeletSettings } from "./settings.ts";
import { createStatusManager } from "./status/status-manager.ts";
import { createReferencedObjects } from "./volumes/referenced-objects.ts";
import { createTokenManager } from "./volumes/token-manager.ts";
import { createVolumeManager } from "./volumes/volume-manager.ts";
import type { Volumes } from "./volumes.ts";

/** The node agent: runs the pods that are bound to its node and reports how they do. */
export interface Kubelet {
  /** Resolves when everything that the agent does has ended. Containers run on. */
  readonly stopped: Promise<void>;
  /** Resolves when the agent has taken over what ran before it and follows the pods of its node. */
  ready(signal: AbortSignal): Promise<void>;
  /**
   * Stops the containers of every pod, as before the machine goes down. The API is told nothing, and volumes stay: the
   * next agent starts the pods again. End this one afterwards.
   */
  stopAllPods(graceSeconds: number): Promise<void>;
  /** What the node's server asks. */
  readonly api: NodeApi;
}

export interface KubeletOptions {
  readonly settings: KubeletSettings;
  readonly client: Client;
  /** For kinds that every pod may need: services and runtime classes. */
  readonly informers: Informers;
  readonly runtime: Runtime;
  readonly volumes: Volumes;
  readonly prober: Prober;
  readonly facts: NodeFacts;
  readonly cgroups: Cgroups;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Pods beside those of the API, such as those of a folder of manifests. Default: none. */
  readonly sources?: readonly PodSource[];
}

/** Machine, runtime and node status are looked at this often. Source: upstream's defaults. */
const tickMs = 10_000;
/** What the runtime has is listed anew this often, should one of its events ever be lost; leftovers are removed then. */
const housekeepingMs = 60_000;
/** Images are looked through for unused ones this often. */
const imageCollectionMs = 5 * 60_000;
/** A stream of runtime events that ends is opened again after this time. */
const reopenMs = 1_000;

/** Starts the agent. It ends when the signal is aborted, and leaves running containers as they are. */
export function createKubelet(options: KubeletOptions, signal: AbortSignal): Kubelet {
  const { client, informers, runtime, volumes, facts, cgroups, recorder, clock, random, logger } = options;
  const settings = completeSettings(options.settings);
  const { nodeName } = settings;
  const reflector = { client, clock, random, logger };
  const podInformer = createInformer(reflector, pods, { fieldSelector: `spec.nodeName=${nodeName}` }, signal);
  const nodeInformer = createInformer(reflector, nodes, { fieldSelector: `metadata.name=${nodeName}` }, signal);
  const serviceInformer = informers.of(services);
  const classInformer = informers.of(runtimeClasses);
  const ownNode = () => nodeInformer.cache.get(nodeName);
  const sources: readonly PodSource[] = [podInformer, ...(options.sources ?? [])];

  const monitor = createNodeMonitor({
    facts,
    runtime,
    settings,
    thresholds: settings.evictionThresholds,
    classes: () => classInformer.cache,
    ownNode,
    logger,
  });
  const status = createStatusManager({
    client,
    clock,
    random,
    logger,
    findPod: (namespace, name) => podInformer.cache.get(`${namespace}/${name}`),
    mayHaveRunningContainers: (uid) => workers.mayHaveRunningContainers(uid),
    signal,
  });
  const references = createReferencedObjects(reflector, (uid) => workers.wake(uid), signal);
  const cache = createRuntimeCache({ runtime, volumes, logger, onChange: (uid) => workers.wake(uid) });
  const probes = createProbeManager({
    ...options,
    apiVersion: apiVersionOf(settings.version),
    onVerdict(uid, type) {
      // Readiness is told at once, whatever the pod's worker is about.
      if (type !== "liveness") workers.report(uid);
      workers.wake(uid);
    },
    signal,
  });
  const volumeManager = createVolumeManager({
    volumes,
    references,
    tokens: createTokenManager({ client, clock, random, logger }),
    recorder,
    nodeAllocatable: () => monitor.view.allocatable,
  });
  const collector = createImageCollector({
    runtime,
    policy: settings.imageCollection,
    clock,
    logger,
    recorder,
    nodeReference: nodeReference(nodeName),
  });
  const context: PodContext = {
    ...options,
    cache,
    volumeManager,
    references,
    images: createImageManager({ images: runtime.images, clock, recorder, pullsSerially: settings.pullsSerially }),
    probes,
    status,
    resizes: createResizeManager({
      clock,
      recorder,
      active: () => workers.active(),
      admit: (pod, others) => admit(pod, others),
      onDecision: (pod) => workers.regrant(pod),
    }),
    crashBackoff: createKeyedBackoff(crashLoopPolicy),
    node: monitor.view,
    services: (namespace) => linkableServices(serviceInformer, namespace),
    clusterDns: settings.clusterDns,
    logRoot: settings.logRoot,
    apiVersion: apiVersionOf(settings.version),
  };
  const eviction = createEvictionManager({
    thresholds: settings.evictionThresholds,
    cgroups,
    clock,
    logger,
    recorder,
    activePods: () => workers.active(),
    kill: (uid, request) => workers.kill(uid, request),
    reclaimDisk: () => collector.removeUnused(),
  });
  const admit = (pod: Pod, active: readonly Pod[]): Rejection | undefined =>
    admitUnderPressure(pod, eviction.pressure) ??
    admitPod(pod, {
      node: ownNode(),
      active,
      operatingSystem: facts.info.operatingSystem,
      supportsStrictGroups: monitor.runtimeStatus?.supplementalGroupsPolicy === true,
    });
  const workers: PodWorkers = createPodWorkers(context, admit, signal);
  const reporter = createNodeReporter({ client, settings, clock, random, logger, recorder, ownNode });

  const tick = async (): Promise<void> => {
    const left = await monitor.refresh();
    await eviction.check(left);
    await reporter.report(monitor.statusInput(eviction.pressure, collector.images), signal);
    const cpuShares = burstableCpuShares(workers.active());
    await cgroups.ensure(qosCgroupPath("Burstable"), { cpuShares });
  };
  const housekeep = async (): Promise<void> => {
    await cache.relist(signal);
    await workers.removeOrphans();
    context.resizes.retry();
    await removeLeftovers({ workers, volumes, cgroups, inRuntime: new Set(cache.podUids()) });
  };
  /** Repeats a task for as long as the agent runs. A failure is logged, and the next time is another chance. */
  const repeat = async (name: string, everyMs: number, task: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      try {
        await sleep(clock, everyMs, signal);
        await task();
      } catch (error) {
        if (!signal.aborted) logger.warn("periodic task failed", { name, error });
      }
    }
  };
  const followRuntime = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await cache.follow(signal);
        await cache.relist(signal);
      } catch (error) {
        if (!signal.aborted) logger.warn("runtime events broke off", { error });
      }
      await restUntil(clock, reopenMs, signal);
    }
  };
  /** Keeps all pods together from using what the system needs. A machine that cannot do it runs pods all the same. */
  const boundPods = async (): Promise<void> => {
    const subject = nodeReference(nodeName);
    try {
      await cgroups.ensure(podsCgroup, nodeCgroupLimits(monitor.capacity, settings.reserved));
      const message = "Updated Node Allocatable limit across pods";
      recorder.record(subject, "Normal", "NodeAllocatableEnforced", message);
    } catch (error) {
      logger.warn("limits of all pods together not set", { error });
      const message = `Failed to update Node Allocatable Limits ["kubepods"]: ${messageOf(error)}`;
      recorder.record(subject, "Warning", "FailedNodeAllocatableEnforcement", message);
    }
  };
  /** Takes over what runs, joins the cluster, and only then follows pods: nothing that runs is touched by mistake. */
  const begin = async (): Promise<void> => {
    await monitor.refresh();
    await boundPods();
    await cgroups.ensure(qosCgroupPath("BestEffort"), { cpuShares: cpuSharesOf(0) });
    await cache.relist(signal);
    await collector.collect(await facts.pressure());
    if (settings.registerNode)
      await reporter.register(monitor.statusInput(eviction.pressure, collector.images), signal);
    recorder.record(nodeReference(nodeName), "Normal", "Starting", "Starting kubelet.");
    await Promise.all([nodeInformer.synced(signal), serviceInformer.synced(signal), classInformer.synced(signal)]);
    await Promise.all(sources.map((source) => source.synced(signal)));
    await tick();
    for (const source of sources)
      source.onChange(({ before, after }) => {
        if (before !== undefined && before.metadata.uid !== after?.metadata.uid) workers.remove(before);
        if (after !== undefined) workers.put(after);
      });
    nodeInformer.onChange(({ before, after }) => {
      const event = schedulableChange(before?.spec.unschedulable, after?.spec.unschedulable);
      if (before === undefined || after === undefined || event === undefined) return;
      recorder.record(nodeReference(nodeName), "Normal", event, `Node ${nodeName} status is now: ${event}`);
    });
    await housekeep();
  };
  const ready = Promise.withResolvers<void>();
  const run = async (): Promise<void> => {
    try {
      await begin();
      ready.resolve();
    } catch (error) {
      ready.reject(error);
      if (!signal.aborted) logger.error("node agent cannot start", { error });
      return;
    }
    await Promise.all([
      followRuntime(),
      keepLease({ client, clock, logger, nodeName, ownNode }, signal),
      repeat("node status", tickMs, tick),
      repeat("housekeeping", housekeepingMs, housekeep),
      repeat("image collection", imageCollectionMs, async () => collector.collect(await facts.pressure())),
    ]);
  };
  // Whoever waits for it hears of a failure; nobody has to wait.
  ready.promise.catch(() => undefined);
  const stopped = run();

  return {
    stopped,
    ready: (waiting) => untilAborted(ready.promise, waiting),
    async stopAllPods(graceSeconds) {
      await Promise.all(workers.active().map((pod) => workers.kill(pod.metadata.uid, { graceSeconds, isPause: true })));
    },
    api: createNodeApi({ cache, status, workers, logRoot: settings.logRoot }),
  };
}

/** Services that a pod of a namespace is told of. @throws {Error} before they have been listed once */
function linkableServices(
  informer: { readonly hasSynced: boolean; readonly cache: { list(namespace?: string): readonly Service[] } },
  namespace: string,
): readonly Service[] {
  if (!informer.hasSynced) throw new Error("services have not yet been read at least once, cannot construct envvars");
  const own = informer.cache.list(namespace);
  return namespace === "default" ? own : [...own, ...informer.cache.list("default")];
}

/** `v1.36.2+k8ts.1` stands for API level `1.36`. */
function apiVersionOf(version: string): string {
  return /^v?(\d+\.\d+)/.exec(version)?.[1] ?? "";
}

function schedulableChange(before = false, after = false): string | undefined {
  if (before === after) return undefined;
  return after ? "NodeNotSchedulable" : "NodeSchedulable";
}

async function restUntil(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(clock, delayMs, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
