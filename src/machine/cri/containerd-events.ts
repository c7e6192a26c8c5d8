import { type Decoded, decodeMessage } from "../../api/protobuf.ts";
import { type BackoffPolicy, backoffDelayMs } from "../../base/backoff.ts";
import { type Clock, sleep } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { GrpcChannel } from "./channel.ts";
import { type envelope, events, subscribe, subscribeFilter } from "./event-messages.ts";

/** Something that happened to the task of a container or sandbox; `connected` when earlier news may be missing. */
export type ContainerdEvent =
  | { readonly type: "started" | "ended" | "oomKilled" | "deleted"; readonly id: string }
  | { readonly type: "connected" };

const reconnectPolicy: BackoffPolicy = { initialMs: 50, maxMs: 1_000 };

/** How long one attempt to connect lasts. */
const readyTimeoutMs = 10_000;

/**
 * Follows containerd's event stream until the signal is aborted, through restarts of containerd.
 * Yields `connected` each time that the stream has been opened.
 */
export async function* followContainerdEvents(
  parts: { readonly channel: GrpcChannel; readonly clock: Clock; readonly logger: Logger },
  signal: AbortSignal,
): AsyncIterable<ContainerdEvent> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await parts.channel.waitForReady(readyTimeoutMs);
      const stream = parts.channel.stream(subscribe, { filters: [subscribeFilter] }, signal);
      yield { type: "connected" };
      for await (const item of stream) {
        failures = 0;
        const event = readEvent(item);
        if (event !== undefined) yield event;
      }
    } catch (error) {
      parts.logger.warn("containerd's event stream broke", { error });
    }
    if (signal.aborted) return;
    const pause = sleep(parts.clock, backoffDelayMs(reconnectPolicy, failures), signal);
    failures += 1;
    await pause.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}

/** Reads one event; undefined when it is about a command inside a container, or nothing we know. */
export function readEvent(item: Decoded<typeof envelope>): ContainerdEvent | undefined {
  const body = item.event?.value ?? new Uint8Array(0);
  switch (item.topic) {
    case "/tasks/start":
      return { type: "started", id: decodeMessage(events["/tasks/start"], body).containerId };
    case "/tasks/oom":
      return { type: "oomKilled", id: decodeMessage(events["/tasks/oom"], body).containerId };
    case "/tasks/delete": {
      const { containerId, id } = decodeMessage(events["/tasks/delete"], body);
      return id === "" || id === containerId ? { type: "ended", id: containerId } : undefined;
    }
    case "/containers/delete":
      return { type: "deleted", id: decodeMessage(events["/containers/delete"], body).id };
    default:
      return undefined;
  }
}
