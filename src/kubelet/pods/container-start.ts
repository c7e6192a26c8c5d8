import { goQuote } from "../../api/go-quote.ts";
import type { Container, EphemeralContainer, Pod, Secret } from "../../api/types/core-v1.ts";
import { type MountPlan, planMounts, renderContainerConfig } from "../containers/container-config.ts";
import { ContainerConfigError } from "../containers/security-config.ts";
import { containerEnvironment } from "../environment/container-environment.ts";
import { podHostname } from "../networking/hostname.ts";
import { renderHostNetworkHostsFile, renderHostsFile } from "../networking/hosts-file.ts";
import { type Image, type Mount, RuntimeError, type SandboxConfig } from "../runtime.ts";
import { restartCountOf } from "../runtime-labels.ts";
import { VolumeError } from "../volumes.ts";
import { stopContainer } from "./container-stop.ts";
import { messageOf } from "./error-words.ts";
import { runHook } from "./lifecycle-hook.ts";
import { latestContainer } from "./observed-pod.ts";
import type { PodContext } from "./pod-context.ts";
import { containerReference } from "./pod-words.ts";
import { StartError } from "./start-error.ts";

/** A running sandbox and what its containers are started with. */
export interface SandboxRun {
  readonly pod: Pod;
  readonly sandboxId: string;
  readonly config: SandboxConfig;
  readonly podIps: readonly string[];
  /** Paths of the pod's volumes on the node, by name. */
  readonly volumePaths: ReadonlyMap<string, string>;
  readonly pullSecrets: readonly Secret[];
}

/**
 * Starts one container: image, container, process, postStart hook.
 * @throws {StartError} with what status shows while the container waits; an event has been recorded
 */
export async function startContainer(
  context: PodContext,
  run: SandboxRun,
  container: Container,
  signal: AbortSignal,
): Promise<void> {
  const { pod } = run;
  const subject = containerReference(pod, container);
  const failed = (reason: string, message: string, shown = message): StartError => {
    context.recorder.record(subject, "Warning", "Failed", `Error: ${shown}`);
    return new StartError(reason, message);
  };
  const image = await ensureImage(context, run, container, signal);
  let config: Awaited<ReturnType<typeof prepareContainer>>;
  try {
    config = await prepareContainer(context, run, container, image);
  } catch (error) {
    throw failed("CreateContainerConfigError", messageOf(error));
  }
  let id: string;
  try {
    id = await context.runtime.createContainer(run.sandboxId, config);
  } catch (error) {
    throw failed("CreateContainerError", messageOf(error));
  }
  context.recorder.record(subject, "Normal", "Created", "Container created");
  try {
    await context.runtime.startContainer(id);
  } catch (error) {
    await context.cache.refreshContainer(id);
    // The id would make every event a new one.
    throw failed("RunContainerError", messageOf(error), messageOf(error).replaceAll(id, container.name));
  }
  await context.cache.refreshContainer(id);
  context.recorder.record(subject, "Normal", "Started", "Container started");
  await runPostStart(context, run, container, id, signal);
}

async function ensureImage(
  context: PodContext,
  { pod, pullSecrets }: SandboxRun,
  container: Container,
  signal: AbortSignal,
): Promise<Image> {
  const subject = containerReference(pod, container);
  try {
    return await context.images.ensure(
      {
        image: container.image ?? "",
        policy: container.imagePullPolicy ?? "IfNotPresent",
        podUid: pod.metadata.uid,
        subject,
        pullSecrets,
      },
      signal,
    );
  } catch (error) {
    if (error instanceof StartError) context.recorder.record(subject, "Warning", "Failed", `Error: ${error.reason}`);
    throw error;
  }
}

async function prepareContainer(context: PodContext, run: SandboxRun, container: Container, image: Image) {
  const { pod } = run;
  const { namespace, uid } = pod.metadata;
  const observed = context.cache.observe(uid);
  const latest = latestContainer(observed, container.name);
  const environment = containerEnvironment(pod, container, {
    addresses: { podIps: run.podIps, hostIps: context.node.hostIps },
    nodeAllocatable: context.node.allocatable,
    services: context.services(namespace),
    configMap: (name) => context.references.configMap(namespace, name),
    secret: (name) => context.references.secret(namespace, name),
  });
  const targetName = (container as Partial<EphemeralContainer>).targetContainerName ?? "";
  const target = targetName === "" ? undefined : latestContainer(observed, targetName);
  if (targetName !== "" && target === undefined)
    throw new ContainerConfigError(`unable to find target container ${targetName}`);
  const terminationMessageFile = terminationFileName(context, container);
  const [mounts, terminationMounts] = await Promise.all([
    makeMounts(context, run, container, environment),
    makeTerminationMount(context, uid, container, terminationMessageFile),
  ]);
  return renderContainerConfig(pod, container, {
    sandbox: run.config,
    image,
    environment,
    mounts: [...mounts, ...terminationMounts],
    restartCount: latest === undefined ? 0 : restartCountOf(latest) + 1,
    terminationMessageFile,
    nodeMemoryBytes: context.node.memoryBytes,
    targetId: target?.id,
  });
}

/** Every attempt of a container gets a file of its own, so that the last words of two are not mixed. */
function terminationFileName(context: PodContext, container: Container): string {
  if ((container.terminationMessagePath ?? "") === "") return "";
  const mark = [...context.random.bytes(4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `containers/${container.name}/${mark}`;
}

/** @param file empty: the container has no place for last words */
async function makeTerminationMount(
  { volumes }: PodContext,
  podUid: string,
  { terminationMessagePath = "" }: Container,
  file: string,
): Promise<readonly Mount[]> {
  if (file === "") return [];
  const hostPath = await volumes.ensurePodFile(podUid, file, "", 0o666);
  return [{ hostPath, containerPath: terminationMessagePath, readOnly: false, propagation: "private" }];
}

async function makeMounts(
  context: PodContext,
  run: SandboxRun,
  container: Container,
  environment: ReadonlyMap<string, string>,
): Promise<readonly Mount[]> {
  const { pod, volumePaths, config } = run;
  const supportsRecursiveReadOnly = context.node.supportsRecursiveReadOnly(config.runtimeHandler);
  const mounts: Mount[] = [];
  for (const plan of planMounts(pod, container, environment, supportsRecursiveReadOnly)) {
    const path = volumePaths.get(plan.volume);
    const where = `volumeMount ${goQuote(plan.volume)} of container ${goQuote(container.name)}`;
    if (path === undefined) throw new ContainerConfigError(`cannot find volume for ${where}`);
    const hostPath = plan.subPath === "" ? path : await subPathOf(context, pod, path, plan, where);
    mounts.push({ ...plan.mount, hostPath });
  }
  const isHostNetwork = pod.spec.hostNetwork === true;
  const hasOwnHosts = mounts.some(({ containerPath }) => containerPath === etcHosts);
  if (!hasOwnHosts && (isHostNetwork || run.podIps.length > 0))
    mounts.push({
      hostPath: await writeHostsFile(context, run),
      containerPath: etcHosts,
      readOnly: false,
      propagation: "private",
    });
  return mounts;
}

const etcHosts = "/etc/hosts";

/** What is wrong with a path of the node is not told to the pod. */
async function subPathOf(
  { volumes, logger }: PodContext,
  pod: Pod,
  path: string,
  { subPath, mount }: MountPlan,
  where: string,
): Promise<string> {
  try {
    return await volumes.resolveSubPath(path, subPath, mount.readOnly, pod.metadata.uid);
  } catch (error) {
    if (!(error instanceof VolumeError)) throw error;
    logger.warn("subPath refused", { path, subPath, error });
    throw new ContainerConfigError(`failed to prepare subPath for ${where}`, { cause: error });
  }
}

async function writeHostsFile(context: PodContext, { pod, podIps }: SandboxRun): Promise<string> {
  const { hostAliases } = pod.spec;
  const content =
    pod.spec.hostNetwork === true
      ? renderHostNetworkHostsFile(await context.node.hostsFile(), hostAliases)
      : renderHostsFile(podIps, podHostname(pod, context.clusterDns.domain), hostAliases);
  return context.volumes.ensurePodFile(pod.metadata.uid, "etc-hosts", content);
}

/** A container whose postStart hook fails is stopped and started again like one that crashed. */
async function runPostStart(
  context: PodContext,
  run: SandboxRun,
  container: Container,
  containerId: string,
  signal: AbortSignal,
): Promise<void> {
  const hook = container.lifecycle?.postStart;
  if (hook === undefined) return;
  const { pod, podIps } = run;
  const failure = await runHook(context, { pod, container, containerId, podIp: podIps[0] ?? "" }, hook, signal);
  if (failure === undefined) return;
  context.recorder.record(containerReference(pod, container), "Warning", "FailedPostStartHook", "PostStartHook failed");
  try {
    const kill = { id: containerId, reason: "failedPostStartHook", message: "FailedPostStartHook" } as const;
    await stopContainer(context, pod, container, kill, signal);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    context.logger.warn("container not stopped after its postStart hook failed", { containerId, error });
  }
  throw new StartError("PostStartHookError", failure);
}
