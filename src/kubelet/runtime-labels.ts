import type { Container, ContainerPort, LifecycleHandler, Pod } from "../api/types/core-v1.ts";

/** Labels by which the agent finds its sandboxes and containers again after a restart; other tools read them too. */
const runtimeLabels = {
  podName: "io.kubernetes.pod.name",
  podNamespace: "io.kubernetes.pod.namespace",
  podUid: "io.kubernetes.pod.uid",
  containerName: "io.kubernetes.container.name",
} as const;

const annotationNames = {
  hash: "io.kubernetes.container.hash",
  restartCount: "io.kubernetes.container.restartCount",
  terminationMessagePath: "io.kubernetes.container.terminationMessagePath",
  terminationMessagePolicy: "io.kubernetes.container.terminationMessagePolicy",
  terminationMessageFile: "io.kubernetes.container.terminationMessageFile",
  preStop: "io.kubernetes.container.preStopHandler",
  ports: "io.kubernetes.container.ports",
  resources: "io.kubernetes.container.resources",
  deletionGrace: "io.kubernetes.pod.deletionGracePeriod",
  terminationGrace: "io.kubernetes.pod.terminationGracePeriod",
} as const;

/** Anything that the runtime keeps labels or annotations of. */
type Annotated = { readonly annotations: Readonly<Record<string, string>> };
type Labelled = { readonly labels: Readonly<Record<string, string>> };

/** Labels of a sandbox: the pod's own and those that identify it. */
export function sandboxLabels(pod: Pod): Record<string, string> {
  return { ...pod.metadata.labels, ...identityLabels(pod) };
}

/** Labels of a container: those that identify it. */
export function containerLabels(pod: Pod, container: Pick<Container, "name">): Record<string, string> {
  return { ...identityLabels(pod), [runtimeLabels.containerName]: container.name };
}

/** What a container must remember beyond the agent's life: how it was made and how it is to be stopped. */
export function containerAnnotations(
  pod: Pod,
  container: Container,
  restartCount: number,
  terminationMessageFile: string,
): Record<string, string> {
  const annotations: Record<string, string> = {
    [annotationNames.hash]: hashContainer(container),
    [annotationNames.restartCount]: String(restartCount),
    [annotationNames.terminationMessagePath]: container.terminationMessagePath ?? "",
    [annotationNames.terminationMessagePolicy]: container.terminationMessagePolicy ?? "",
    [annotationNames.terminationMessageFile]: terminationMessageFile,
    [annotationNames.resources]: JSON.stringify(container.resources),
  };
  const { deletionGracePeriodSeconds } = pod.metadata;
  if (deletionGracePeriodSeconds !== undefined)
    annotations[annotationNames.deletionGrace] = String(deletionGracePeriodSeconds);
  if (pod.spec.terminationGracePeriodSeconds !== undefined)
    annotations[annotationNames.terminationGrace] = String(pod.spec.terminationGracePeriodSeconds);
  const preStop = container.lifecycle?.preStop;
  if (preStop !== undefined) annotations[annotationNames.preStop] = JSON.stringify(preStop);
  if ((container.ports?.length ?? 0) > 0) annotations[annotationNames.ports] = JSON.stringify(container.ports);
  return annotations;
}

/** The pod that a sandbox or container belongs to; an empty uid when it is not one of ours. */
export function podOf(labelled: Labelled): { readonly uid: string; readonly name: string; readonly namespace: string } {
  return {
    uid: labelled.labels[runtimeLabels.podUid] ?? "",
    name: labelled.labels[runtimeLabels.podName] ?? "",
    namespace: labelled.labels[runtimeLabels.podNamespace] ?? "",
  };
}

/** The hash of the definition that a container was made from. */
export function hashOf(container: Annotated): string {
  return container.annotations[annotationNames.hash] ?? "";
}

/** How often its like had been started before it. */
export function restartCountOf(container: Annotated): number {
  const count = Number.parseInt(container.annotations[annotationNames.restartCount] ?? "", 10);
  return Number.isNaN(count) ? 0 : count;
}

/** Where the container's last words are looked for. */
export function terminationMessageOf(container: Annotated): {
  /** Name of the pod's file that is mounted at the container's `terminationMessagePath`; empty when there is none. */
  readonly file: string;
  readonly fallsBackToLogs: boolean;
} {
  return {
    file: container.annotations[annotationNames.terminationMessageFile] ?? "",
    fallsBackToLogs: container.annotations[annotationNames.terminationMessagePolicy] === "FallbackToLogsOnError",
  };
}

/** What is needed to stop a container whose pod is no longer known. */
export function stopFactsOf(container: Annotated): {
  readonly graceSeconds: number | undefined;
  readonly preStop: LifecycleHandler | undefined;
  readonly ports: readonly ContainerPort[];
} {
  const { annotations } = container;
  const grace = Number.parseInt(
    annotations[annotationNames.deletionGrace] ?? annotations[annotationNames.terminationGrace] ?? "",
    10,
  );
  return {
    graceSeconds: Number.isNaN(grace) ? undefined : grace,
    preStop: parseOwnJson<LifecycleHandler>(annotations[annotationNames.preStop]),
    ports: parseOwnJson<readonly ContainerPort[]>(annotations[annotationNames.ports]) ?? [],
  };
}

/** The resources that a container was started with; undefined when it does not say. */
export function startResourcesOf(container: Annotated): Container["resources"] | undefined {
  return parseOwnJson<Container["resources"]>(container.annotations[annotationNames.resources]);
}

/**
 * Tells two definitions of a container apart where a change means a restart: FNV-1a, 32 bits, over name and image.
 * Source: Kubernetes documentation, "Container image updates restart the container".
 */
export function hashContainer(container: Pick<Container, "name" | "image">): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(JSON.stringify([container.image ?? "", container.name]))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash.toString(16);
}

function identityLabels(pod: Pod): Record<string, string> {
  return {
    [runtimeLabels.podName]: pod.metadata.name,
    [runtimeLabels.podNamespace]: pod.metadata.namespace,
    [runtimeLabels.podUid]: pod.metadata.uid,
  };
}

/** Reads what this file wrote. Another agent's words, or none, count as missing. */
function parseOwnJson<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
