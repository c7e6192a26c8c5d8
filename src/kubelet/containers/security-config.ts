import { goQuote } from "../../api/go-quote.ts";
import type { Container, Pod, PodSecurityContext, SeccompProfile, SecurityContext } from "../../api/types/core-v1.ts";
import { describePod } from "../pods/pod-words.ts";
import type { Image, NamespaceModes, SecurityConfig } from "../runtime.ts";

/** A container that cannot be made as it is written: `CreateContainerConfigError`. */
export class ContainerConfigError extends Error {
  override readonly name = "ContainerConfigError";
}

/** Parts of `/proc` and `/sys` that containers do not see. Source: containerd's and Docker's defaults. */
const maskedPaths = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** Which namespaces a pod shares. */
export function podNamespaces(pod: Pod): NamespaceModes {
  const { spec } = pod;
  return {
    network: spec.hostNetwork === true ? "node" : "pod",
    pid: spec.hostPID === true ? "node" : spec.shareProcessNamespace === true ? "pod" : "container",
    ipc: spec.hostIPC === true ? "node" : "pod",
  };
}

/** Security of a pod's sandbox. It is privileged when any of its containers is. */
export function sandboxSecurity(pod: Pod, isPrivileged: boolean): SecurityConfig {
  const context = pod.spec.securityContext;
  return {
    ...(context?.runAsUser === undefined ? {} : { runAsUser: context.runAsUser }),
    ...(context?.runAsGroup === undefined ? {} : { runAsGroup: context.runAsGroup }),
    ...podGroups(context),
    privileged: isPrivileged,
    readOnlyRootFilesystem: false,
    allowPrivilegeEscalation: true,
    capabilities: { add: [], drop: [] },
    seccomp: { type: "RuntimeDefault" },
    namespaces: podNamespaces(pod),
  };
}

/**
 * Security of a container: its own settings, then those of its pod, then the user of its image.
 * @param targetId the container whose processes an ephemeral container wants to see
 * @throws {ContainerConfigError} when it must not run as root and would, or may
 */
export function containerSecurity(
  pod: Pod,
  container: Container,
  image: Pick<Image, "uid" | "username">,
  targetId: string | undefined,
): SecurityConfig {
  const own = container.securityContext;
  const ofPod = pod.spec.securityContext;
  verifyNonRoot(pod, container, image);
  const runAsUser = own?.runAsUser ?? ofPod?.runAsUser;
  const runAsGroup = own?.runAsGroup ?? ofPod?.runAsGroup;
  const isUnmasked = own?.procMount === "Unmasked";
  const namespaces = podNamespaces(pod);
  const appArmor = own?.appArmorProfile ?? ofPod?.appArmorProfile;
  return {
    ...userOf(runAsUser, image),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...podGroups(ofPod),
    privileged: own?.privileged === true,
    readOnlyRootFilesystem: own?.readOnlyRootFilesystem === true,
    allowPrivilegeEscalation: own?.allowPrivilegeEscalation !== false,
    capabilities: { add: own?.capabilities?.add ?? [], drop: own?.capabilities?.drop ?? [] },
    seccomp: seccompOf(own?.seccompProfile ?? ofPod?.seccompProfile),
    ...(appArmor === undefined
      ? {}
      : {
          appArmor: {
            type: appArmor.type,
            ...(appArmor.localhostProfile === undefined ? {} : { localhostProfile: appArmor.localhostProfile }),
          },
        }),
    namespaces:
      targetId !== undefined && namespaces.pid === "container"
        ? { ...namespaces, pid: "target", pidTargetId: targetId }
        : namespaces,
    maskedPaths: isUnmasked ? [] : maskedPaths,
    readonlyPaths: isUnmasked ? [] : readonlyPaths,
  };
}

function podGroups(
  context: PodSecurityContext | undefined,
): Pick<SecurityConfig, "supplementalGroups" | "supplementalGroupsPolicy"> {
  const fsGroup = context?.fsGroup === undefined ? [] : [context.fsGroup];
  return {
    supplementalGroups: [...fsGroup, ...(context?.supplementalGroups ?? [])],
    ...(context?.supplementalGroupsPolicy === undefined
      ? {}
      : { supplementalGroupsPolicy: context.supplementalGroupsPolicy }),
  };
}

function userOf(
  runAsUser: number | undefined,
  image: Pick<Image, "uid" | "username">,
): Pick<SecurityConfig, "runAsUser" | "runAsUsername"> {
  if (runAsUser !== undefined) return { runAsUser };
  if (image.uid !== undefined) return { runAsUser: image.uid };
  return image.username === undefined || image.username === "" ? { runAsUser: 0 } : { runAsUsername: image.username };
}

function seccompOf(profile: SeccompProfile | undefined): SecurityConfig["seccomp"] {
  if (profile === undefined) return { type: "Unconfined" };
  if (profile.type !== "Localhost") return { type: profile.type };
  if (profile.localhostProfile === undefined || profile.localhostProfile === "")
    throw new ContainerConfigError("localhostProfile must be set if seccompProfile type is Localhost.");
  return { type: "Localhost", localhostProfile: profile.localhostProfile };
}

const maxUserId = 2_147_483_647;

/** Only numeric users can be told from root before the container runs. */
function verifyNonRoot(pod: Pod, container: Container, image: Pick<Image, "uid" | "username">): void {
  const ofPod: Pick<SecurityContext, "runAsNonRoot" | "runAsUser"> = pod.spec.securityContext ?? {};
  const own = container.securityContext;
  if ((own?.runAsNonRoot ?? ofPod.runAsNonRoot) !== true) return;
  const where = `(pod: ${goQuote(describePod(pod))}, container: ${container.name})`;
  const runAsUser = own?.runAsUser ?? ofPod.runAsUser;
  if (runAsUser !== undefined) {
    if (runAsUser !== 0) return;
    throw new ContainerConfigError(`container's runAsUser breaks non-root policy ${where}`);
  }
  if (image.uid === undefined && image.username !== undefined && image.username !== "")
    throw new ContainerConfigError(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`,
    );
  const uid = image.uid ?? 0;
  if (uid === 0) throw new ContainerConfigError(`container has runAsNonRoot and image will run as root ${where}`);
  if (uid < 0 || uid > maxUserId)
    throw new ContainerConfigError(
      `container has runAsNonRoot and image has an invalid user id (${uid}). (Must be 1-(${maxUserId})): must be between 0 and ${maxUserId}, inclusive ${where}`,
    );
}
