import { goQuote } from "../../api/go-quote.ts";
import type { Container, Pod, VolumeMount } from "../../api/types/core-v1.ts";
import { expandCommand } from "../environment/container-environment.ts";
import { expandReferences } from "../environment/expand-references.ts";
import type { ContainerConfig, Image, Mount, SandboxConfig } from "../runtime.ts";
import { containerAnnotations, containerLabels } from "../runtime-labels.ts";
import { isRecursive } from "../status/container-status.ts";
import { containerResources } from "./container-resources.ts";
import { ContainerConfigError, containerSecurity } from "./security-config.ts";

/** A volume's place in a container, before its path on the node is known. */
export interface MountPlan {
  readonly volume: string;
  /** Below the volume; empty for the volume itself. */
  readonly subPath: string;
  readonly mount: Omit<Mount, "hostPath">;
}

const propagations = { None: "private", HostToContainer: "hostToContainer", Bidirectional: "bidirectional" } as const;

/** Volumes whose content the agent makes: containers cannot write to them. */
function isAgentMade(pod: Pod, name: string): boolean {
  const volume = pod.spec.volumes?.find((entry) => entry.name === name);
  return (volume?.configMap ?? volume?.secret ?? volume?.downwardAPI ?? volume?.projected) !== undefined;
}

/**
 * Where a container's volumes are mounted.
 * @param supportsRecursiveReadOnly the runtime can make mounts read-only with all below them
 * @throws {ContainerConfigError} when a mount cannot be made as it is written
 */
export function planMounts(
  pod: Pod,
  container: Container,
  environment: ReadonlyMap<string, string>,
  supportsRecursiveReadOnly: boolean,
): readonly MountPlan[] {
  return (container.volumeMounts ?? []).map((mount) => {
    if (pod.spec.volumes?.some(({ name }) => name === mount.name) !== true)
      throw new ContainerConfigError(
        `cannot find volume ${goQuote(mount.name)} to mount into container ${goQuote(container.name)}`,
      );
    const isReadOnly = mount.readOnly === true || isAgentMade(pod, mount.name);
    return {
      volume: mount.name,
      subPath: resolveSubPath(mount, environment),
      mount: {
        containerPath: mount.mountPath.startsWith("/") ? mount.mountPath : `/${mount.mountPath}`,
        readOnly: isReadOnly,
        propagation: propagations[mount.mountPropagation ?? "None"],
        ...(checkRecursive(mount, supportsRecursiveReadOnly) ? { recursiveReadOnly: true } : {}),
      },
    };
  });
}

function resolveSubPath(mount: VolumeMount, environment: ReadonlyMap<string, string>): string {
  let subPath = mount.subPath ?? "";
  if (mount.subPathExpr !== undefined && mount.subPathExpr !== "") {
    const missing = new Set<string>();
    subPath = expandReferences(mount.subPathExpr, (name) => {
      const value = environment.get(name) ?? "";
      if (value === "") missing.add(name);
      return value;
    });
    if (missing.size > 0) throw new ContainerConfigError(`missing value for ${[...missing].sort().join(", ")}`);
  }
  if (subPath.startsWith("/"))
    throw new ContainerConfigError(`error SubPath \`${subPath}\` must not be an absolute path`);
  if (subPath.split("/").includes(".."))
    throw new ContainerConfigError(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  return subPath;
}

function checkRecursive(mount: VolumeMount, isSupported: boolean): boolean {
  const mode = mount.recursiveReadOnly ?? "Disabled";
  if (mode === "Disabled") return false;
  const prefix = "failed to resolve recursive read-only mode: ";
  const subject = `${prefix}volume ${goQuote(mount.name)} requested recursive read-only mode, but it is`;
  if (mount.readOnly !== true) throw new ContainerConfigError(`${subject} not read-only`);
  const propagation = mount.mountPropagation ?? "None";
  if (propagation !== "None")
    throw new ContainerConfigError(`${subject} not compatible with propagation ${goQuote(propagation)}`);
  if (mode === "Enabled" && !isSupported) throw new ContainerConfigError(`${subject} not supported by the runtime`);
  return isRecursive(mount, isSupported);
}

/** What a container is made from besides its pod. */
export interface ContainerSettings {
  readonly sandbox: SandboxConfig;
  readonly image: Image;
  readonly environment: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  readonly restartCount: number;
  /** Name of the pod's file that is mounted for last words; empty when there is none. */
  readonly terminationMessageFile: string;
  readonly nodeMemoryBytes: number;
  /** The container that an ephemeral container wants to look into. */
  readonly targetId: string | undefined;
}

/**
 * A container as the runtime makes it.
 * @throws {ContainerConfigError} when it may not run as its image wants
 */
export function renderContainerConfig(pod: Pod, container: Container, settings: ContainerSettings): ContainerConfig {
  const { sandbox, image, environment, restartCount } = settings;
  return {
    sandbox,
    name: container.name,
    attempt: restartCount,
    imageId: image.id,
    image: container.image ?? "",
    ...expandCommand(container, environment),
    workingDir: container.workingDir ?? "",
    env: [...environment].map(([name, value]) => ({ name, value })),
    mounts: settings.mounts,
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(pod, container, restartCount, settings.terminationMessageFile),
    logPath: `${container.name}/${restartCount}.log`,
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    resources: containerResources(pod, container, settings.nodeMemoryBytes),
    security: containerSecurity(pod, container, image, settings.targetId),
    stopSignal: "",
  };
}
