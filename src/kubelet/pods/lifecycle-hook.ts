import { goQuote } from "../../api/go-quote.ts";
import type { Container, HTTPGetAction, LifecycleHandler, Pod } from "../../api/types/core-v1.ts";
import { type Clock, sleep } from "../../base/clock.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import type { Prober } from "../prober.ts";
import { HandlerError, renderHttpRequest } from "../probes/http-request.ts";

import { type Runtime, RuntimeError } from "../runtime.ts";
import { errorText, messageOf } from "./error-words.ts";
import { describePod, podReference } from "./pod-words.ts";

/** What hooks are carried out with. */
export interface HookContext {
  readonly runtime: Pick<Runtime, "execSync">;
  readonly prober: Prober;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  /** For the User-Agent, for example `1.36`. */
  readonly apiVersion: string;
}

/** The container that a hook belongs to. */
export interface HookTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  /** Empty when the pod has no address. */
  readonly podIp: string;
}

/** HTTP hooks get this long, as upstream's default transport gives them. */
const httpHookTimeoutMs = 30_000;

/**
 * Runs a hook to its end. There is no time limit but the signal's.
 * @returns what went wrong, as status shows it; undefined when the hook succeeded
 * @throws the signal's reason when it is aborted
 */
export async function runHook(
  context: HookContext,
  target: HookTarget,
  handler: LifecycleHandler,
  signal: AbortSignal,
): Promise<string | undefined> {
  const about = `for Container ${goQuote(target.container.name)} in Pod ${goQuote(describePod(target.pod))} failed`;
  try {
    if (handler.exec !== undefined) {
      const command = handler.exec.command ?? [];
      const failure = await runExecHook(context, target.containerId, command, signal);
      if (failure === undefined) return undefined;
      return `Exec lifecycle hook ([${command.join(" ")}]) ${about} - error: ${failure.error}, message: ${goQuote(failure.output)}`;
    }
    if (handler.httpGet !== undefined) {
      const error = await runHttpHook(context, target, handler.httpGet, signal);
      if (error === undefined) return undefined;
      return `HTTP lifecycle hook (${handler.httpGet.path ?? ""}) ${about} - error: ${error}`;
    }
    if (handler.sleep !== undefined) {
      await sleep(context.clock, handler.sleep.seconds * 1000, signal);
      return undefined;
    }
    return "Cannot run handler: invalid handler";
  } finally {
    signal.throwIfAborted();
  }
}

async function runExecHook(
  { runtime }: HookContext,
  containerId: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly error: string; readonly output: string } | undefined> {
  try {
    const result = await runtime.execSync(containerId, command, 0, signal);
    if (result.exitCode === 0) return undefined;
    const decoder = new TextDecoder("utf-8");
    const stderr = decoder.decode(result.stderr);
    return {
      error: `command '${command.join(" ")}' exited with ${result.exitCode}: ${stderr}`,
      output: decoder.decode(result.stdout) + stderr,
    };
  } catch (error) {
    if (error instanceof RuntimeError) return { error: errorText(error), output: "" };
    throw error;
  }
}

/** Any answer is a success, whatever its status. A server that speaks plain HTTP where HTTPS was asked for is asked again. */
async function runHttpHook(
  context: HookContext,
  target: HookTarget,
  action: HTTPGetAction,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const request = renderHttpRequest(action, target.container, target.podIp, {
      purpose: "lifecycle",
      version: context.apiVersion,
      timeoutMs: httpHookTimeoutMs,
    });
    if (request.host === "") return "failed to find networking container";
    const outcome = await context.prober.httpGet(request, signal);
    if (outcome.result !== "failure" || outcome.statusCode !== undefined) return undefined;
    if (request.scheme !== "HTTPS" || !outcome.output.includes("server gave HTTP response to HTTPS client"))
      return outcome.output;
    const headers = request.headers.filter(({ name }) => name.toLowerCase() !== "authorization");
    const plain = await context.prober.httpGet({ ...request, scheme: "HTTP", headers }, signal);
    if (plain.result === "failure" && plain.statusCode === undefined) return outcome.output;
    context.recorder.record(
      podReference(target.pod),
      "Warning",
      "LifecycleHTTPFallback",
      `request to HTTPS lifecycle hook ${request.host}:${request.port} got HTTP response, retry with HTTP succeeded`,
    );
    return undefined;
  } catch (error) {
    if (error instanceof HandlerError) return messageOf(error);
    throw error;
  }
}
