import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { followContainerLog, readContainerLog } from "../container-logs.ts";
import type { NodeServerParts } from "../node-server.ts";
import { Refusal } from "./access.ts";
import { findLoggedContainer, parseLogQuery } from "./log-query.ts";
import type { NodeRoute } from "./route.ts";

type LogRoute = Extract<NodeRoute, { readonly kind: "logs" }>;

/** Answers with a container's log, as it is written when it is followed. @throws {Refusal} */
export async function answerLogs(
  parts: NodeServerParts,
  route: LogRoute,
  query: URLSearchParams,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { options, follow, previous } = parseLogQuery(query, parts.clock.nowMs());
  const pod = parts.pods.find(route.namespace, route.pod);
  if (pod === undefined) throw new Refusal(404, `pod "${route.pod}" does not exist`);
  const id = findLoggedContainer(pod, route.container, previous);
  const state = await parts.runtime.inspectContainer(id, signal);
  if (state === undefined) throw new Refusal(400, `unable to retrieve container logs for containerd://${id}`);
  const done = new AbortController();
  const both = AbortSignal.any([signal, done.signal]);
  try {
    const log = follow
      ? followContainerLog(state.logPath, options, { ended: endOf(parts, id, both), clock: parts.clock }, signal)
      : readContainerLog(state.logPath, options, signal);
    // What is wrong with the file shows at the first piece: until then the answer may still become an error.
    const pieces = log[Symbol.asyncIterator]();
    response.setHeader("content-type", "text/plain; charset=utf-8");
    if (follow) response.flushHeaders();
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next())
      if (!response.write(next.value)) await once(response, "drain", { signal });
    response.end();
  } finally {
    done.abort();
  }
}

/** Aborted when the container has ended. */
function endOf(parts: NodeServerParts, id: string, signal: AbortSignal): AbortSignal {
  const ended = new AbortController();
  const check = async (): Promise<void> => {
    const state = await parts.runtime.inspectContainer(id, signal);
    if (state?.state !== "running") ended.abort();
  };
  const watch = async (): Promise<void> => {
    const events = parts.runtime.events(signal);
    await check();
    for await (const event of events) {
      if (event.type === "resync") await check();
      if (event.containerId === id && (event.type === "exited" || event.type === "deleted")) ended.abort();
      if (ended.signal.aborted) return;
    }
  };
  watch().catch((error: unknown) => {
    if (signal.aborted) return;
    parts.logger.warn("the end of a followed container could not be watched", { containerId: id, error });
    ended.abort();
  });
  return ended.signal;
}
