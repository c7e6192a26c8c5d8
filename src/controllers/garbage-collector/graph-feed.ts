import type { ApiObject } from "../../api/metadata.ts";
import { apiVersionOf, type Resource } from "../../api/resource.ts";
import type { WatchEvent } from "../../client/client.ts";
import { keyOf } from "../../client/informer.ts";
import { type ReflectorContext, type ReflectorSink, reflect } from "../../client/reflector.ts";
import type { ObjectKinds } from "../object-kinds.ts";
import type { ObjectGraph } from "./object-graph.ts";

/** Keeps the graph in step with all objects of all kinds. */
export interface GraphFeed {
  /** Resolves when all kinds of the beginning have been listed; rejects with the signal's reason when it is aborted. */
  synced(signal: AbortSignal): Promise<void>;
}

/** Kinds that come and go too fast to own or be owned. */
const ignored = new Set(["events"]);

/** Follows every kind that can be listed, watched and deleted, also those defined later, until the signal is aborted. */
export function startGraphFeed(
  context: ReflectorContext,
  kinds: ObjectKinds,
  graph: ObjectGraph,
  signal: AbortSignal,
): GraphFeed {
  const running = new Map<string, { stop(): void; readonly synced: Promise<void> }>();
  const follow = (resource: Resource): void => {
    const controller = new AbortController();
    const first = Promise.withResolvers<void>();
    const combined = AbortSignal.any([signal, controller.signal]);
    const sink = createGraphSink(resource, graph, first.resolve);
    void reflect(context, resource, {}, sink, combined);
    running.set(idOf(resource), {
      synced: first.promise,
      stop() {
        controller.abort();
        sink.replace([], "");
      },
    });
  };
  const adjust = (): void => {
    const wanted = new Map(
      kinds
        .list()
        .filter(isFollowed)
        .map(({ resource }) => [idOf(resource), resource]),
    );
    for (const [id, feed] of running) {
      if (wanted.has(id)) continue;
      feed.stop();
      running.delete(id);
    }
    for (const [id, resource] of wanted) if (!running.has(id)) follow(resource);
  };
  adjust();
  const stopListening = kinds.onChange(adjust);
  signal.addEventListener("abort", stopListening, { once: true });
  return {
    synced: (waiting) =>
      new Promise((resolve, reject) => {
        if (waiting.aborted) reject(waiting.reason);
        waiting.addEventListener("abort", () => reject(waiting.reason), { once: true });
        void Promise.all([...running.values()].map((feed) => feed.synced)).then(() => resolve());
      }),
  };
}

function isFollowed({ resource, verbs }: ReturnType<ObjectKinds["list"]>[number]): boolean {
  return !ignored.has(resource.plural) && ["delete", "list", "watch"].every((verb) => verbs.includes(verb));
}

/** Puts objects of one kind into the graph. Of each it keeps the uid only, to tell who is gone after a gap. */
function createGraphSink(resource: Resource, graph: ObjectGraph, onSynced: () => void): ReflectorSink<ApiObject> {
  const apiVersion = apiVersionOf(resource);
  const uids = new Map<string, string>();
  const seen = (object: ApiObject): void => {
    const key = keyOf(object);
    const { uid } = object.metadata;
    const before = uids.get(key);
    if (before !== undefined && before !== uid) graph.gone(before);
    uids.set(key, uid);
    graph.seen(object, apiVersion, resource.kind);
  };
  const gone = (key: string): void => {
    const uid = uids.get(key);
    uids.delete(key);
    if (uid !== undefined) graph.gone(uid);
  };
  const apply = (event: WatchEvent<ApiObject>): void => {
    if (event.type === "DELETED") gone(keyOf(event.object));
    else if (event.type !== "BOOKMARK") seen(event.object);
  };
  return {
    replace(objects) {
      const present = new Set(objects.map(keyOf));
      for (const key of uids.keys()) if (!present.has(key)) gone(key);
      for (const object of objects) seen(object);
      onSynced();
    },
    apply: (events) => {
      for (const event of events) apply(event);
    },
  };
}

function idOf(resource: Resource): string {
  return `${apiVersionOf(resource)}/${resource.plural}`;
}
