import { equalJson, type JsonObject, type JsonValue } from "../../api/json-value.ts";
import { nodes } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Node, NodeStatus, ObjectReference } from "../../api/types/core-v1.ts";
import { type Clock, sleep } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { Client } from "../../client/client.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import type { NodeSettings } from "./node-settings.ts";
import { conditionChanges, type NodeStatusInput, ownLabels, renderNode, renderNodeStatus } from "./render-node.ts";

/** Registers the node and keeps what the API says of it true. */
export interface NodeReporter {
  /** Creates the node, or takes over the one of that name. Tries until it succeeds. */
  register(input: NodeStatusInput, signal: AbortSignal): Promise<void>;
  /** Writes the status when something has changed, and every few minutes in any case. */
  report(input: NodeStatusInput, signal: AbortSignal): Promise<void>;
}

/** A status in which nothing has changed is written again after this time, give or take half of it by chance. */
const reportMs = 5 * 60_000;
/** Registration is tried again after this time, twice as long each time. Source: upstream. */
const firstRetryMs = 100;
const maxRetryMs = 7_000;

/** What events about a node refer to. Its name stands in for the uid, as kubectl expects. */
export function nodeReference(nodeName: string): ObjectReference {
  return { kind: "Node", apiVersion: "v1", name: nodeName, uid: nodeName };
}

/** Creates a reporter for a node that is not registered yet. */
export function createNodeReporter(options: {
  readonly client: Pick<Client, "create" | "get" | "patch">;
  readonly settings: NodeSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  /** As the API has it, kept current by a watch. */
  readonly ownNode: () => Node | undefined;
}): NodeReporter {
  const { client, settings, clock, random, logger, recorder } = options;
  const key = { name: settings.nodeName };
  let nextReportMs = 0;

  const tell = (before: Pick<NodeStatus, "conditions"> | undefined, after: NodeStatus): void => {
    for (const event of conditionChanges(before, after)) {
      const message = `Node ${settings.nodeName} status is now: ${event}`;
      recorder.record(nodeReference(settings.nodeName), "Normal", event, message);
    }
  };
  const create = async (input: NodeStatusInput, signal: AbortSignal): Promise<void> => {
    const draft = renderNode(settings, input, clock.nowMs());
    try {
      await client.create<Node>(nodes, draft, {}, signal);
      tell(undefined, draft.status as NodeStatus);
    } catch (error) {
      if (!hasReason(error, "AlreadyExists", "Forbidden")) throw error;
      await takeOver(await client.get(nodes, key, signal), input, signal);
    }
  };
  /** A node of that name was there before: its own labels are set right, all else is left as it is. */
  const takeOver = async (present: Node, input: NodeStatusInput, signal: AbortSignal): Promise<void> => {
    const labels = ownLabels(settings, input.info);
    const isRight = Object.keys(labels).every((name) => present.metadata.labels?.[name] === labels[name]);
    if (!isRight) await client.patch(nodes, key, "strategic", { metadata: { labels } }, {}, signal);
  };

  return {
    async register(input, signal) {
      for (let delayMs = firstRetryMs; ; delayMs = Math.min(delayMs * 2, maxRetryMs)) {
        try {
          await create(input, signal);
          return;
        } catch (error) {
          signal.throwIfAborted();
          logger.warn("node not registered, trying again", { error });
          await sleep(clock, delayMs, signal);
        }
      }
    },
    async report(input, signal) {
      const present = options.ownNode() ?? (await client.get(nodes, key, signal));
      const nowMs = clock.nowMs();
      const status = renderNodeStatus(settings, input, present.status, nowMs);
      const patch = renderNodePatch(present.status, status);
      const isChanged = patch.isChanged;
      if (!isChanged && clock.monotonicMs() < nextReportMs) return;
      await client.patch(nodes, key, "strategic", { status: patch.status }, { subresource: "status" }, signal);
      tell(present.status, status);
      nextReportMs = clock.monotonicMs() + reportMs * (isChanged ? 0.5 + random.next() : 1);
    },
  };
}

/** Fields that the agent decides over. */
const ownFields = [
  "capacity",
  "allocatable",
  "addresses",
  "daemonEndpoints",
  "nodeInfo",
  "images",
  "runtimeHandlers",
  "features",
  "declaredFeatures",
] as const satisfies readonly (keyof NodeStatus)[];

/** Lists that a strategic patch would merge by key. */
const keyedLists: ReadonlySet<string> = new Set(["addresses"]);

/**
 * What is to be written of a status. Conditions are always written, because they carry the heartbeat; that alone is no
 * change. Resources that others have added to capacity and allocatable stay.
 */
export function renderNodePatch(
  before: NodeStatus,
  after: NodeStatus,
): { readonly status: JsonObject; readonly isChanged: boolean } {
  const from = before as unknown as JsonObject;
  const to = after as unknown as JsonObject;
  const status: Record<string, JsonValue> = {};
  for (const field of ownFields) {
    const [old, wanted] = [from[field], to[field]];
    if (wanted === undefined) continue;
    const isMerged = field === "capacity" || field === "allocatable";
    const isSame = isMerged ? contains(old, wanted) : equalJson(old ?? [], wanted);
    if (!isSame)
      status[field] = keyedLists.has(field) ? [...(wanted as readonly JsonValue[]), { $patch: "replace" }] : wanted;
  }
  const withoutHeartbeat = (conditions: NodeStatus["conditions"]): JsonValue =>
    (conditions ?? []).map(({ lastHeartbeatTime: _time, ...rest }) => rest);
  const own = (before.conditions ?? []).filter(({ type }) => after.conditions?.some((entry) => entry.type === type));
  const isChanged =
    Object.keys(status).length > 0 || !equalJson(withoutHeartbeat(own), withoutHeartbeat(after.conditions));
  return { status: { ...status, conditions: (after.conditions ?? []) as unknown as JsonValue }, isChanged };
}

function contains(old: JsonValue | undefined, wanted: JsonValue): boolean {
  if (old === undefined || old === null) return false;
  const [from, to] = [old as JsonObject, wanted as JsonObject];
  return Object.keys(to).every((name) => from[name] === to[name]);
}
