import type { Pod } from "../../api/types/core-v1.ts";
import { renderSandboxConfig } from "../containers/sandbox-config.ts";
import { planPodDns } from "../networking/dns-config.ts";
import type { Sandbox, SandboxConfig } from "../runtime.ts";
import { errorText } from "./error-words.ts";
import type { PodContext } from "./pod-context.ts";
import { podReference } from "./pod-words.ts";

/** The sandbox could not be made; an event has been recorded. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
}

/**
 * What a pod's sandbox is made from. Its DNS settings may have to be cut short, which its owner is told.
 * @throws {SandboxError} when the pod cannot have one
 */
export async function sandboxConfig(context: PodContext, pod: Pod, attempt: number): Promise<SandboxConfig> {
  const { node, clusterDns, logRoot, recorder } = context;
  try {
    const { config: dns, warnings } = planPodDns(pod, await node.resolvConf(), clusterDns);
    for (const { reason, message } of warnings) recorder.record(podReference(pod), "Warning", reason, message);
    const runtimeHandler = node.runtimeHandler(pod);
    return renderSandboxConfig(pod, { attempt, clusterDomain: clusterDns.domain, dns, logRoot, runtimeHandler });
  } catch (error) {
    throw sandboxFailure(context, pod, error);
  }
}

/** Makes and starts a pod's sandbox with its network. @throws {SandboxError} */
export async function startSandbox(context: PodContext, pod: Pod, config: SandboxConfig): Promise<Sandbox> {
  try {
    const sandbox = await context.runtime.runSandbox(config);
    context.cache.putSandbox(sandbox);
    return sandbox;
  } catch (error) {
    throw sandboxFailure(context, pod, error);
  }
}

function sandboxFailure({ recorder }: PodContext, pod: Pod, error: unknown): SandboxError {
  const message = `Failed to create pod sandbox: ${errorText(error)}`;
  recorder.record(podReference(pod), "Warning", "FailedCreatePodSandBox", message);
  return new SandboxError(message, { cause: error });
}
