import { hasReason, type StatusError, toStatusError } from "../../api/status-error.ts";
import type { Clock, Timer } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { WatchRequest } from "../read/watch.ts";
import type { ServedResource } from "../resource-table.ts";
import type { Watcher, WatchSink } from "../watch-cache/watcher.ts";
import type { HttpExchange, ResponseHeaders } from "./exchange.ts";
import { createWatchEncoder, errorFrame, type WatchForm } from "./watch-frames.ts";

/** One watch over HTTP. */
export interface WatchCall {
  readonly exchange: HttpExchange;
  readonly served: ServedResource;
  readonly form: WatchForm;
  readonly request: WatchRequest;
  start(request: WatchRequest, sink: WatchSink): Promise<Watcher>;
  /** How long the client wants to watch; left out or 0, the server decides. */
  readonly timeoutSeconds: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  currentRevision(): number;
  readonly headers: ResponseHeaders;
  readonly signal: AbortSignal;
}

/** Watches without a timeout of their own live this long, and up to twice as long. */
const leastTimeoutMs = 1_800_000;
const bookmarkIntervalMs = 60_000;
/** The last bookmark comes this long before the end. */
const lastBookmarkMs = 2000;

/**
 * Serves a watch until it times out, the client goes away, or the server ends it.
 * @throws {StatusError} when it cannot begin, but for versions that are too old or not there yet: those are reported
 * inside the stream
 */
export async function serveWatch(call: WatchCall): Promise<void> {
  const { exchange, clock } = call;
  const encoder = createWatchEncoder(call.served, call.form, () => clock.nowMs());
  const headers = { ...call.headers, "content-type": "application/json" };
  const over = Promise.withResolvers<void>();
  let stream: ReturnType<HttpExchange["open"]> | undefined;
  let watcher: Watcher | undefined;
  const write = (bytes: Uint8Array): boolean => {
    stream ??= exchange.open(200, headers);
    const flows = stream.write(bytes);
    if (!flows) stream.onDrain(() => watcher?.resume());
    return flows;
  };
  const sink: WatchSink = {
    write: (batch) => write(encoder.encode(batch)),
    bookmark: (revision, isInitialEnd) => write(encoder.bookmark(revision, isInitialEnd)),
    end(error) {
      if (error !== undefined) stream?.write(errorFrame(error));
      over.resolve();
    },
  };
  const onAbort = (): void => watcher?.end(undefined) ?? over.resolve();
  call.signal.addEventListener("abort", onAbort, { once: true });
  const timers: Timers = { bookmark: undefined, end: undefined };
  try {
    watcher = await call.start(call.request, sink);
    if (call.signal.aborted) watcher.end(undefined);
    stream ??= exchange.open(200, headers);
    schedule(call, watcher, timers);
    await over.promise;
  } catch (error) {
    if (!isReportedInside(error)) throw error;
    stream = exchange.open(200, headers);
    stream.write(errorFrame(toStatusError(error)));
  } finally {
    timers.bookmark?.cancel();
    timers.end?.cancel();
    call.signal.removeEventListener("abort", onAbort);
    stream?.end();
  }
}

interface Timers {
  bookmark: Timer | undefined;
  end: Timer | undefined;
}

function schedule(call: WatchCall, watcher: Watcher, timers: Timers): void {
  const { clock, random, timeoutSeconds = 0 } = call;
  const timeoutMs = timeoutSeconds > 0 ? timeoutSeconds * 1000 : leastTimeoutMs * (1 + random.next());
  const endMs = clock.monotonicMs() + timeoutMs;
  timers.end = clock.setTimer(timeoutMs, () => watcher.end(undefined));
  if (call.request.allowBookmarks !== true) return;
  const plan = (): void => {
    const untilLastMs = endMs - lastBookmarkMs - clock.monotonicMs();
    if (untilLastMs <= 0) return;
    timers.bookmark = clock.setTimer(Math.min(bookmarkIntervalMs, untilLastMs), () => {
      watcher.bookmark(call.currentRevision());
      plan();
    });
  };
  plan();
}

function isReportedInside(error: unknown): error is StatusError {
  return hasReason(error, "Expired", "Timeout");
}
