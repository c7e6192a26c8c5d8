import { goQuote } from "../../api/go-quote.ts";
import type { Pod, ServiceAccountTokenProjection, Volume } from "../../api/types/core-v1.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import type { ResourceList } from "../../resources/resource-list.ts";
import { messageOf } from "../pods/error-words.ts";
import { podReference } from "../pods/pod-words.ts";
import type { Volumes } from "../volumes.ts";
import { mountedVolumes, planVolume } from "./plan-volume.ts";
import { volumeConfigMaps, volumeSecrets } from "./pod-references.ts";
import type { ReferencedObjects } from "./referenced-objects.ts";
import type { TokenManager } from "./token-manager.ts";
import type { FileSources } from "./volume-files.ts";

/** Puts the volumes of pods in place and keeps their content current. */
export interface VolumeManager {
  /**
   * Waits for what the pod refers to, and brings every volume that a container mounts up to date. What cannot be had is
   * reported in an event each.
   * @returns paths on the node by volume name
   * @throws {VolumeSetupError} when some were never made; one that only cannot be renewed stays as it is
   */
  mount(pod: Pod, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** True when everything that the volumes hold is at hand, so that mounting them is not expected to fail. */
  isReady(pod: Pod): boolean;
  /** When a volume's content grows stale by itself, in milliseconds since the epoch. */
  nextRefreshMs(podUid: string): number | undefined;
  /** Unmounts and removes everything of a pod. */
  unmount(podUid: string): Promise<void>;
}

/** Volumes that could not be made. */
export class VolumeSetupError extends Error {
  override readonly name = "VolumeSetupError";
}

interface Mounted {
  /** Tells versions of the content apart. */
  readonly signature: string;
  readonly path: string;
}

/** Creates a manager that knows of no mounted volumes; those of an earlier agent are taken over when they are asked for. */
export function createVolumeManager(options: {
  readonly volumes: Volumes;
  readonly references: ReferencedObjects;
  readonly tokens: TokenManager;
  readonly recorder: EventRecorder;
  readonly nodeAllocatable: () => ResourceList;
}): VolumeManager {
  const { volumes, references, tokens, recorder } = options;
  const mounted = new Map<string, Map<string, Mounted>>();

  const sourcesFor = (pod: Pod, fetched: ReadonlyMap<ServiceAccountTokenProjection, TokenResult>): FileSources => ({
    configMap: (name) => references.configMap(pod.metadata.namespace, name),
    secret: (name) => references.secret(pod.metadata.namespace, name),
    token(projection) {
      const result = fetched.get(projection);
      if (result?.token === undefined) throw result?.error ?? new Error("token was not fetched");
      return result.token;
    },
    nodeAllocatable: options.nodeAllocatable(),
  });

  const signatureOf = (pod: Pod, volume: Volume, sources: FileSources): string => {
    const version = (object: { metadata: { uid: string; resourceVersion: string } } | undefined) =>
      object === undefined ? "" : `${object.metadata.uid}/${object.metadata.resourceVersion}`;
    const isDownward =
      volume.downwardAPI !== undefined || volume.projected?.sources?.some((source) => source.downwardAPI !== undefined);
    const { labels, annotations } = pod.metadata;
    const resources = pod.spec.containers.map((container) => container.resources);
    return JSON.stringify([
      volumeConfigMaps(volume).map((name) => version(sources.configMap(name))),
      volumeSecrets(volume).map((name) => version(sources.secret(name))),
      tokenProjections(volume).map(sources.token),
      isDownward === true ? [labels, annotations, resources, sources.nodeAllocatable] : [],
    ]);
  };
  /** Undefined when something of the volume cannot be had, which planning it will tell in full. */
  const knownSignature = (pod: Pod, volume: Volume, sources: FileSources): string | undefined => {
    try {
      return signatureOf(pod, volume, sources);
    } catch (error) {
      if (error instanceof Error) return undefined;
      throw error;
    }
  };

  const place = async (pod: Pod, volume: Volume, sources: FileSources): Promise<string> => {
    const plan = planVolume(pod, volume, sources);
    if (plan.kind === "hostPath") {
      await volumes.ensureHostPath(plan.path, plan.type);
      return plan.path;
    }
    const name = { podUid: pod.metadata.uid, volume: volume.name, plugin: plan.plugin };
    return plan.kind === "emptyDir"
      ? volumes.ensureEmptyDir(name, plan.options)
      : volumes.ensureFiles(name, plan.options);
  };

  const mountOne = async (pod: Pod, volume: Volume, sources: FileSources): Promise<void> => {
    const ofPod = mounted.get(pod.metadata.uid) ?? new Map<string, Mounted>();
    mounted.set(pod.metadata.uid, ofPod);
    const signature = knownSignature(pod, volume, sources);
    if (signature !== undefined && ofPod.get(volume.name)?.signature === signature) return;
    const path = await place(pod, volume, sources);
    ofPod.set(volume.name, { signature: signature ?? "", path });
  };

  return {
    async mount(pod, signal) {
      const wanted = mountedVolumes(pod);
      // Environments and pulls need what pods refer to as well as volumes do.
      await references.settled(pod, signal);
      if (wanted.length === 0) return new Map();
      const fetched = await fetchTokens(tokens, pod, wanted, signal);
      const sources = sourcesFor(pod, fetched);
      const missing: string[] = [];
      const attempts = wanted.map(async (volume) => {
        try {
          await mountOne(pod, volume, sources);
        } catch (error) {
          signal.throwIfAborted();
          if (mounted.get(pod.metadata.uid)?.has(volume.name) !== true) missing.push(volume.name);
          const message = `MountVolume.SetUp failed for volume ${goQuote(volume.name)} : ${messageOf(error)}`;
          recorder.record(podReference(pod), "Warning", "FailedMount", message);
        }
      });
      await Promise.all(attempts);
      if (missing.length > 0) throw new VolumeSetupError(`volumes cannot be made: ${missing.join(", ")}`);
      const ofPod = mounted.get(pod.metadata.uid);
      return new Map(wanted.map(({ name }) => [name, ofPod?.get(name)?.path ?? ""]));
    },
    isReady(pod) {
      const sources = { ...sourcesFor(pod, new Map()), token: () => "" };
      try {
        for (const volume of mountedVolumes(pod)) planVolume(pod, volume, sources);
        return true;
      } catch (error) {
        if (error instanceof Error) return false;
        throw error;
      }
    },
    nextRefreshMs: (podUid) => tokens.nextRefreshMs(podUid),
    async unmount(podUid) {
      await volumes.removePod(podUid);
      mounted.delete(podUid);
      tokens.forget(podUid);
    },
  };
}

interface TokenResult {
  readonly token?: string;
  readonly error?: unknown;
}

function tokenProjections(volume: Volume): readonly ServiceAccountTokenProjection[] {
  return (volume.projected?.sources ?? []).flatMap(({ serviceAccountToken }) =>
    serviceAccountToken === undefined ? [] : [serviceAccountToken],
  );
}

/** Tokens are fetched before anything is decided, so that deciding needs no waiting. */
async function fetchTokens(
  tokens: TokenManager,
  pod: Pod,
  volumes: readonly Volume[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ServiceAccountTokenProjection, TokenResult>> {
  const results = new Map<ServiceAccountTokenProjection, TokenResult>();
  const fetches = volumes.flatMap(tokenProjections).map(async (projection) => {
    try {
      results.set(projection, { token: await tokens.get(pod, projection, signal) });
    } catch (error) {
      signal.throwIfAborted();
      results.set(projection, { error });
    }
  });
  await Promise.all(fetches);
  return results;
}
