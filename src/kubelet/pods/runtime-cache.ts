import type { Logger } from "../../base/log.ts";
import type { ContainerState, Runtime, RuntimeEvent, Sandbox } from "../runtime.ts";
import { podOf, terminationMessageOf } from "../runtime-labels.ts";
import type { Volumes } from "../volumes.ts";
import { nothingObserved, type ObservedPod } from "./observed-pod.ts";

/** What the runtime has of each pod, kept current by its events and by whoever changes something. */
export interface RuntimeCache {
  observe(podUid: string): ObservedPod;
  /** Uids of pods of which the runtime has anything. */
  podUids(): readonly string[];
  /** Notes a sandbox that has just been made. */
  putSandbox(sandbox: Sandbox): void;
  /** Looks a container up again. */
  refreshContainer(id: string): Promise<void>;
  refreshSandbox(id: string): Promise<void>;
  /** Notes that a container or sandbox has been removed. */
  drop(id: string): void;
  /** Lists everything anew, and tells of the pods that have changed. */
  relist(signal: AbortSignal): Promise<void>;
  /** Follows the runtime's events until the signal is aborted or the stream ends. */
  follow(signal: AbortSignal): Promise<void>;
}

/** Last words of a container: at most this much of its file, or of its log. Source: Kubernetes documentation, "Customizing the termination message". */
const maxMessageBytes = 4096;
const logLimits = { maxLines: 80, maxBytes: 2048 };

interface PodItems {
  readonly sandboxes: Map<string, Sandbox>;
  readonly containers: Map<string, ContainerState>;
  /** Built when it is asked for, dropped when something changes. */
  view: ObservedPod | undefined;
}

/**
 * Creates an empty cache; `relist` fills it.
 * @param onChange told of pods whose sandboxes or containers have changed by themselves
 */
export function createRuntimeCache(options: {
  readonly runtime: Runtime;
  readonly volumes: Pick<Volumes, "readPodFile">;
  readonly logger: Logger;
  readonly onChange: (podUid: string) => void;
}): RuntimeCache {
  const { runtime, volumes, logger, onChange } = options;
  const items = new Map<string, PodItems>();
  /** Which pod a container or sandbox belongs to. */
  const owners = new Map<string, string>();

  const itemsOf = (podUid: string): PodItems => {
    const found = items.get(podUid) ?? { sandboxes: new Map(), containers: new Map(), view: undefined };
    items.set(podUid, found);
    return found;
  };
  const putSandbox = (sandbox: Sandbox): boolean => {
    const ofPod = itemsOf(sandbox.uid);
    const before = ofPod.sandboxes.get(sandbox.id);
    // A sandbox that is dead stays so: this is old news.
    if (before?.ready === false && sandbox.ready) return false;
    owners.set(sandbox.id, sandbox.uid);
    ofPod.sandboxes.set(sandbox.id, sandbox);
    ofPod.view = undefined;
    return before?.ready !== sandbox.ready || before.ips.join() !== sandbox.ips.join();
  };
  /** The last words are read once, when the end is first seen. */
  const putContainer = async (container: ContainerState): Promise<boolean> => {
    const { uid } = podOf(container);
    if (uid === "") return false;
    const before = itemsOf(uid).containers.get(container.id);
    if (before !== undefined && isOldNews(before, container)) return false;
    const known = before?.state === "exited" && container.state === "exited";
    const message = known ? before.message : await lastWords(uid, container);
    const ofPod = itemsOf(uid);
    owners.set(container.id, uid);
    ofPod.containers.set(container.id, { ...container, message });
    ofPod.view = undefined;
    return before?.state !== container.state;
  };
  const lastWords = async (podUid: string, container: ContainerState): Promise<string> => {
    if (container.state !== "exited") return container.message;
    const { file, fallsBackToLogs } = terminationMessageOf(container);
    let words = "";
    try {
      if (file !== "") words = await volumes.readPodFile(podUid, file, maxMessageBytes);
      const mayHaveLogged = container.exitCode !== 0 && container.reason !== "ContainerCannotRun";
      if (words === "" && fallsBackToLogs && mayHaveLogged) words = await runtime.tailLog(container.id, logLimits);
    } catch (error) {
      logger.warn("termination message not read", { container: container.id, error });
    }
    return [container.message, words].filter((text) => text !== "").join(": ");
  };
  const drop = (id: string): boolean => {
    const uid = owners.get(id);
    const ofPod = uid === undefined ? undefined : items.get(uid);
    owners.delete(id);
    if (uid === undefined || ofPod === undefined) return false;
    ofPod.view = undefined;
    const isDropped = ofPod.sandboxes.delete(id) || ofPod.containers.delete(id);
    if (ofPod.sandboxes.size === 0 && ofPod.containers.size === 0) items.delete(uid);
    return isDropped;
  };
  const refreshContainer = async (id: string): Promise<boolean> => {
    const container = await runtime.inspectContainer(id);
    return container === undefined ? drop(id) : putContainer(container);
  };
  const refreshSandbox = async (id: string): Promise<boolean> => {
    const sandbox = await runtime.inspectSandbox(id);
    return sandbox === undefined ? drop(id) : putSandbox(sandbox);
  };

  const relist = async (signal: AbortSignal): Promise<void> => {
    const before = new Set(owners.keys());
    const [sandboxes, containers] = await Promise.all([runtime.listSandboxes(signal), runtime.listContainers(signal)]);
    const changed = new Set<string>();
    for (const sandbox of sandboxes) {
      before.delete(sandbox.id);
      if (putSandbox(sandbox)) changed.add(sandbox.uid);
    }
    for (const container of containers) {
      before.delete(container.id);
      if (await putContainer(container)) changed.add(podOf(container).uid);
    }
    // Only what was known before the lists were made can be said to be gone.
    for (const id of before) {
      const uid = owners.get(id);
      if (drop(id) && uid !== undefined) changed.add(uid);
    }
    for (const uid of changed) onChange(uid);
  };
  const sandboxOf = (containerId: string): string | undefined =>
    items.get(owners.get(containerId) ?? "")?.containers.get(containerId)?.sandboxId;
  /** Whoever starts or stops a container looks at it right after, so that most events tell nothing new. */
  const isKnown = (id: string, type: RuntimeEvent["type"]): boolean => {
    const state = items.get(owners.get(id) ?? "")?.containers.get(id)?.state;
    if (type === "started") return state === "running" || state === "exited";
    return type === "exited" && state === "exited";
  };
  const handle = async (event: RuntimeEvent, signal: AbortSignal): Promise<void> => {
    if (event.type === "resync") {
      await relist(signal);
      return;
    }
    const { containerId, sandboxId } = event;
    if (containerId !== undefined && isKnown(containerId, event.type)) return;
    const id = containerId ?? sandboxId ?? "";
    const owner = owners.get(id);
    let isChanged = containerId !== undefined && (await refreshContainer(containerId));
    // A container often ends because its sandbox did: what to do next depends on both.
    const endedIn = event.type === "exited" ? sandboxOf(id) : undefined;
    for (const sandbox of new Set([sandboxId, endedIn]))
      if (sandbox !== undefined && (await refreshSandbox(sandbox))) isChanged = true;
    const uid = owners.get(id) ?? owner ?? event.podUid;
    if (isChanged && uid !== undefined) onChange(uid);
  };

  return {
    observe(podUid) {
      const ofPod = items.get(podUid);
      if (ofPod === undefined) return nothingObserved;
      ofPod.view ??= {
        sandboxes: newestFirst(ofPod.sandboxes.values()),
        containers: newestFirst(ofPod.containers.values()),
      };
      return ofPod.view;
    },
    podUids: () => [...items.keys()],
    putSandbox: (sandbox) => void putSandbox(sandbox),
    async refreshContainer(id) {
      await refreshContainer(id);
    },
    async refreshSandbox(id) {
      await refreshSandbox(id);
    },
    drop: (id) => void drop(id),
    relist,
    async follow(signal) {
      for await (const event of runtime.events(signal)) {
        try {
          await handle(event, signal);
        } catch (error) {
          if (signal.aborted) return;
          logger.warn("runtime event not followed", { event, error });
        }
      }
    },
  };
}

/** Answers may come in another order than the questions: a container never goes back. */
function isOldNews(before: ContainerState, after: ContainerState): boolean {
  if (before.state === "exited") return after.state !== "exited";
  return before.state === "running" && after.state === "created";
}

function newestFirst<T extends { readonly createdAtMs: number; readonly attempt: number }>(
  items: Iterable<T>,
): readonly T[] {
  return [...items].sort((a, b) => b.createdAtMs - a.createdAtMs || b.attempt - a.attempt);
}
