import { formatGoDuration } from "../../api/go-duration.ts";
import { message, one } from "../../api/protobuf.ts";
import type { Clock } from "../../base/clock.ts";
import type { ProbeOutcome } from "../../kubelet/prober.ts";
import { RuntimeError } from "../../kubelet/runtime.ts";
import { createGrpcChannel, unary } from "../cri/channel.ts";
import { joinHostPort } from "./network-error.ts";

/** Source: gRPC Health Checking Protocol, grpc.health.v1. */
const healthCheck = {
  path: "/grpc.health.v1.Health/Check",
  request: message("HealthCheckRequest", { service: one(1, "string") }),
  response: message("HealthCheckResponse", { status: one(1, "int32") }),
} as const;

const servingStatuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"] as const;

/** How this node's probes name themselves. */
export const probeUserAgent = "kube-probe/1.36";

/** Asks a server for the health of one of its services. Connecting is tried until the probe's time is over. */
export async function probeGrpc(
  target: { readonly host: string; readonly port: number; readonly service: string; readonly timeoutMs: number },
  clock: Clock,
  signal?: AbortSignal,
): Promise<ProbeOutcome> {
  const address = joinHostPort(target.host, target.port);
  const within = formatGoDuration(target.timeoutMs);
  const deadlineMs = clock.monotonicMs() + target.timeoutMs;
  const channel = createGrpcChannel(`dns:///${address}`, clock, { userAgent: probeUserAgent });
  const onAbort = (): void => channel.close();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const connected = await channel.waitForReady(target.timeoutMs).then(
      () => true,
      () => false,
    );
    signal?.throwIfAborted();
    if (!connected)
      return failure(`timeout: failed to connect service "${address}" within ${within}: context deadline exceeded`);
    const { path, request, response } = healthCheck;
    const timeoutMs = Math.max(0, deadlineMs - clock.monotonicMs());
    const { status } = await channel.call(
      unary(path, request, response, timeoutMs),
      { service: target.service },
      { signal },
    );
    const name = servingStatuses[status] ?? String(status);
    return name === "SERVING"
      ? { result: "success", output: "service healthy" }
      : failure(`service unhealthy (responded with "${name}")`);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof RuntimeError)) throw error;
    return failure(renderRpcFailure(error, within));
  } finally {
    signal?.removeEventListener("abort", onAbort);
    channel.close();
  }
}

function failure(output: string): ProbeOutcome {
  return { result: "failure", output };
}

function renderRpcFailure(error: RuntimeError, within: string): string {
  if (error.rpcCode === "Unimplemented")
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${error.message}`;
  if (error.rpcCode === "DeadlineExceeded") return `timeout: health rpc did not complete within ${within}`;
  return `error: health rpc probe failed: rpc error: code = ${error.rpcCode} desc = ${error.message}`;
}
