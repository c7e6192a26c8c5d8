import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { followContainerLog, readContainerLog } from "../container-logs.ts";
import type { NodeServerParts } from "../node-server.ts";
import { Refusal } from "./access.ts";
import { parseLogQuery } from "./log-query.ts";
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
  const { namespace, pod: name, container } = route;
  const { containerId, path, isRunning } = parts.api.findLog({ namespace, name, container, previous });
  const done = new AbortController();
  const both = AbortSignal.any([signal, done.signal]);
  try {
    const log =
      follow && isRunning
        ? followContainerLog(path, options, { ended: endOf(parts, containerId, both), clock: parts.clock }, signal)
        : readContainerLog(path, options, signal);
    response.setHeader("content-type", "text/plain; charset=utf-8");
    if (follow) response.flushHeaders();
    for await (const piece of log) if (!response.write(piece)) await once(response, "drain", { signal });
    response.end();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const message = `failed to try resolving symlinks in path "${path}": lstat ${path}: no such file or directory`;
    if (response.headersSent) response.end(message);
    else throw new Refusal(400, message);
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
