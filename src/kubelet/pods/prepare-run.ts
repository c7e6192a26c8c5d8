import type { Pod, Secret } from "../../api/types/core-v1.ts";
import type { SandboxConfig } from "../runtime.ts";
import type { SandboxRun } from "./container-start.ts";
import { observedIps } from "./observed-pod.ts";
import type { PodContext } from "./pod-context.ts";
import type { PodPlan } from "./pod-plan.ts";
import type { PodRecord } from "./pod-record.ts";
import { podReference } from "./pod-words.ts";
import { publishStatus } from "./publish-status.ts";
import { sandboxConfig, startSandbox } from "./sandbox-start.ts";

/**
 * Sees to the sandbox and the volumes. A new sandbox takes time, and so do volumes: they are made side by side when
 * nothing of the volumes is expected to be missing.
 */
export async function prepareRun(
  context: PodContext,
  record: PodRecord,
  plan: PodPlan,
  signal: AbortSignal,
): Promise<SandboxRun | undefined> {
  const { pod } = record;
  const { uid } = pod.metadata;
  const isStarting = plan.createSandbox || plan.start.length + plan.startInit.length + plan.startEphemeral.length > 0;
  const mounting = context.volumeManager.mount(pod, signal);
  if (!isStarting) {
    await mounting;
    return undefined;
  }
  if (!plan.createSandbox || !context.volumeManager.isReady(pod)) await mounting;
  else mounting.catch(() => undefined);
  const config = await sandboxConfig(context, pod, plan.attempt);
  const sandboxId = plan.createSandbox ? await makeSandbox(context, record, config, signal) : plan.sandboxId;
  const volumePaths = await mounting;
  if (sandboxId === undefined) return undefined;
  const podIps = pod.spec.hostNetwork === true ? context.node.hostIps : observedIps(context.cache.observe(uid));
  return { pod, sandboxId, config, podIps, volumePaths, pullSecrets: pullSecrets(context, pod) };
}

/** A pod that is to end while its sandbox is being made gets no containers. */
async function makeSandbox(
  context: PodContext,
  record: PodRecord,
  config: SandboxConfig,
  signal: AbortSignal,
): Promise<string> {
  const { id } = await startSandbox(context, record.pod, config);
  signal.throwIfAborted();
  publishStatus(context, record);
  return id;
}

function pullSecrets(context: PodContext, pod: Pod): readonly Secret[] {
  const missing: string[] = [];
  const found = (pod.spec.imagePullSecrets ?? []).flatMap(({ name }) => {
    if (name === undefined || name === "") return [];
    const secret = findSecret(context, pod.metadata.namespace, name);
    if (secret === undefined) missing.push(name);
    return secret === undefined ? [] : [secret];
  });
  if (missing.length > 0)
    context.recorder.record(
      podReference(pod),
      "Warning",
      "FailedToRetrieveImagePullSecret",
      `Unable to retrieve some image pull secrets (${missing.join(", ")}); attempting to pull the image may not succeed.`,
    );
  return found;
}

function findSecret({ references, logger }: PodContext, namespace: string, name: string): Secret | undefined {
  try {
    return references.secret(namespace, name);
  } catch (error) {
    logger.warn("image pull secret not known yet", { namespace, name, error });
    return undefined;
  }
}
