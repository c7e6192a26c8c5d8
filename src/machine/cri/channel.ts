import * as grpc from "@grpc/grpc-js";
import { type Decoded, decodeMessage, type Encodable, encodeMessage, type Message } from "../../api/protobuf.ts";
import type { Clock } from "../../base/clock.ts";
import { RuntimeError } from "../../kubelet/runtime.ts";

/** A remote procedure with one request and one or many answers. */
export interface Method<Request extends Message, Response extends Message> {
  /** `/<package>.<Service>/<Method>` */
  readonly path: string;
  readonly request: Request;
  readonly response: Response;
  /** Longest time for a call, unless the caller adds to it. */
  readonly timeoutMs: number;
}

/** Describes a remote procedure. */
export function unary<Request extends Message, Response extends Message>(
  path: string,
  request: Request,
  response: Response,
  timeoutMs: number,
): Method<Request, Response> {
  return { path, request, response, timeoutMs };
}

/** A connection to a gRPC server. Calls run side by side on one connection, which is kept and renewed. */
export interface GrpcChannel {
  /** @throws {RuntimeError} with the server's own text; or the signal's reason */
  call<Request extends Message, Response extends Message>(
    method: Method<Request, Response>,
    request: Encodable<Request>,
    options?: { readonly extraTimeoutMs?: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Decoded<Response>>;

  /**
   * Answers of a streaming procedure until the server ends or the signal is aborted, which ends it quietly.
   * @throws {RuntimeError} when the stream breaks
   */
  stream<Request extends Message, Response extends Message>(
    method: Omit<Method<Request, Response>, "timeoutMs">,
    request: Encodable<Request>,
    signal: AbortSignal,
  ): AsyncIterable<Decoded<Response>>;

  /** Waits until the server answers. @throws {RuntimeError} `timeout` */
  waitForReady(timeoutMs: number): Promise<void>;

  close(): void;
}

/** What containerd may send in one message: its own bound. Source: containerd's `max_recv_message_size`. */
const maxMessageBytes = 16 * 1024 * 1024;

/**
 * Connects to a gRPC server; the connection is made at the first call.
 * @param target `unix:<path>` or `dns:///<host>:<port>`
 */
export function createGrpcChannel(
  target: string,
  clock: Clock,
  options: { readonly userAgent?: string } = {},
): GrpcChannel {
  const client = new grpc.Client(target, grpc.credentials.createInsecure(), {
    ...(options.userAgent === undefined ? {} : { "grpc.primary_user_agent": options.userAgent }),
    "grpc.max_receive_message_length": 2 * maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc.initial_reconnect_backoff_ms": 20,
    "grpc.min_reconnect_backoff_ms": 20,
    "grpc.max_reconnect_backoff_ms": 1_000,
    "grpc.use_local_subchannel_pool": 1,
  });
  return {
    call: (method, request, options = {}) => callOnce(client, clock, method, request, options),
    stream: (method, request, signal) => openStream(client, method, request, signal),
    waitForReady: (timeoutMs) =>
      new Promise((resolve, reject) => {
        client.waitForReady(clock.nowMs() + timeoutMs, (error) => {
          if (error === undefined) resolve();
          else reject(new RuntimeError("timeout", `${target} does not answer: ${error.message}`));
        });
      }),
    close: () => client.close(),
  };
}

function callOnce<Request extends Message, Response extends Message>(
  client: grpc.Client,
  clock: Clock,
  method: Method<Request, Response>,
  request: Encodable<Request>,
  options: { readonly extraTimeoutMs?: number; readonly signal?: AbortSignal | undefined },
): Promise<Decoded<Response>> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const deadline = clock.nowMs() + method.timeoutMs + (options.extraTimeoutMs ?? 0);
    const onAbort = (): void => call.cancel();
    const call = client.makeUnaryRequest(
      method.path,
      (value: Encodable<Request>) => Buffer.from(encodeMessage(method.request, value)),
      (bytes: Buffer) => decodeMessage(method.response, bytes, { maxBytes: 2 * maxMessageBytes }),
      request,
      new grpc.Metadata(),
      { deadline },
      (error, response) => {
        signal?.removeEventListener("abort", onAbort);
        if (signal?.aborted === true) reject(signal.reason);
        else if (error !== null) reject(toRuntimeError(error));
        else resolve(response as Decoded<Response>);
      },
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** Sends the request at once, so that nothing is missed between this and the first read. */
function openStream<Request extends Message, Response extends Message>(
  client: grpc.Client,
  method: Omit<Method<Request, Response>, "timeoutMs">,
  request: Encodable<Request>,
  signal: AbortSignal,
): AsyncIterable<Decoded<Response>> {
  const call = client.makeServerStreamRequest(
    method.path,
    (value: Encodable<Request>) => Buffer.from(encodeMessage(method.request, value)),
    (bytes: Buffer) => decodeMessage(method.response, bytes, { maxBytes: 2 * maxMessageBytes }),
    request,
  );
  return readStream(call, signal);
}

async function* readStream<Item>(call: grpc.ClientReadableStream<Item>, signal: AbortSignal): AsyncIterable<Item> {
  const onAbort = (): void => call.cancel();
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (!signal.aborted) for await (const item of call) yield item as Item;
  } catch (error) {
    if (!signal.aborted) throw toRuntimeError(error as grpc.ServiceError);
  } finally {
    signal.removeEventListener("abort", onAbort);
    call.cancel();
  }
}

/** Gives a failed call the agent's error; its message is the server's text alone. */
function toRuntimeError(error: grpc.ServiceError): RuntimeError {
  return new RuntimeError(runtimeCode(error.code), error.details || error.message, {
    cause: error,
    rpcCode: rpcCodeName(error.code),
  });
}

function runtimeCode(code: grpc.status): RuntimeError["code"] {
  switch (code) {
    case grpc.status.NOT_FOUND:
      return "notFound";
    case grpc.status.ALREADY_EXISTS:
      return "alreadyExists";
    case grpc.status.DEADLINE_EXCEEDED:
      return "timeout";
    case grpc.status.UNAVAILABLE:
      return "unavailable";
    default:
      return "failed";
  }
}

/** `DEADLINE_EXCEEDED` as `DeadlineExceeded`: how Go programs write it. */
function rpcCodeName(code: grpc.status): string {
  if (code === grpc.status.CANCELLED) return "Canceled";
  return (grpc.status[code] ?? "UNKNOWN")
    .toLowerCase()
    .replace(/(^|_)([a-z])/g, (_match, _separator: string, letter: string) => letter.toUpperCase());
}
