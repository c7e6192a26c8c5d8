import { formatGoDuration } from "../../api/go-duration.ts";
import type { Container, Pod, Probe } from "../../api/types/core-v1.ts";
import { expandProbeCommand } from "../environment/container-environment.ts";
import { errorText } from "../pods/error-words.ts";
import { describePod } from "../pods/pod-words.ts";
import type { ProbeOutcome, Prober } from "../prober.ts";
import { type Runtime, RuntimeError } from "../runtime.ts";
import { HandlerError, renderHttpRequest, resolveContainerPort } from "./http-request.ts";

/** What probes are carried out with. */
export interface ProbeContext {
  readonly runtime: Pick<Runtime, "execSync">;
  readonly prober: Prober;
  /** For the User-Agent, for example `1.36`. */
  readonly apiVersion: string;
}

/** What is probed. */
export interface ProbeTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

/** An outcome, or why there is none: the probe could not be carried out. */
export type ProbeReport = ProbeOutcome | { readonly result: "error"; readonly output: string };

/** Output of commands beyond this is not shown. */
const maxOutputBytes = 10 * 1024;
/** A probe that cannot be carried out is tried again at once, this often in all. */
const maxAttempts = 3;
const defaultTimeoutSeconds = 1;

/** Probes a container once. @throws the signal's reason when it is aborted */
export async function runProbe(
  context: ProbeContext,
  target: ProbeTarget,
  probe: Probe,
  signal: AbortSignal,
): Promise<ProbeReport> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptProbe(context, target, probe, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof RuntimeError || error instanceof HandlerError)) throw error;
      if (attempt === maxAttempts) return { result: "error", output: errorText(error) };
    }
  }
}

async function attemptProbe(
  context: ProbeContext,
  { pod, container, containerId, podIp }: ProbeTarget,
  probe: Probe,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const timeoutMs = (probe.timeoutSeconds ?? defaultTimeoutSeconds) * 1000;
  if (probe.exec !== undefined) {
    const command = expandProbeCommand(probe.exec.command ?? [], container.env);
    return execProbe(context, containerId, command, timeoutMs, signal);
  }
  if (probe.httpGet !== undefined) {
    const { apiVersion: version } = context;
    const request = renderHttpRequest(probe.httpGet, container, podIp, { purpose: "probe", version, timeoutMs });
    return context.prober.httpGet(request, signal);
  }
  if (probe.tcpSocket !== undefined) {
    const port = resolveContainerPort(probe.tcpSocket.port, container);
    const host = probe.tcpSocket.host === undefined || probe.tcpSocket.host === "" ? podIp : probe.tcpSocket.host;
    return context.prober.tcpConnect({ host, port, timeoutMs }, signal);
  }
  if (probe.grpc !== undefined) {
    const { port, service = "" } = probe.grpc;
    return context.prober.grpcHealth({ host: podIp, port, service, timeoutMs }, signal);
  }
  throw new HandlerError(`missing probe handler for ${describePod(pod)}:${container.name}`);
}

async function execProbe(
  { runtime }: ProbeContext,
  containerId: string,
  command: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  try {
    const { exitCode, stdout, stderr } = await runtime.execSync(containerId, command, timeoutMs, signal);
    const output = new Uint8Array(stdout.length + stderr.length);
    output.set(stdout);
    output.set(stderr, stdout.length);
    const text = new TextDecoder("utf-8").decode(output.subarray(0, maxOutputBytes));
    return { result: exitCode === 0 ? "success" : "failure", output: text };
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== "timeout") throw error;
    const shown = JSON.stringify(command.join(" "));
    return {
      result: "failure",
      output: `command timed out: ${shown} timed out after ${formatGoDuration(timeoutMs)}`,
    };
  }
}
