import type { Container, EphemeralContainer, Pod, ServiceAccount } from "../../api/types/core-v1.ts";

const enforceAnnotation = "kubernetes.io/enforce-mountable-secrets";

/** What Go's ParseBool takes for true. */
const trueTexts: ReadonlySet<string> = new Set(["1", "t", "T", "TRUE", "true", "True"]);

/**
 * Why a pod may not use a secret; undefined when it may use all of its secrets. A service account can be annotated to
 * let its pods use only the secrets that it lists.
 * Source: Kubernetes documentation, "Service Accounts", "Enforce mountable secrets"; words of kube-apiserver v1.36.
 */
export function limitSecrets(account: ServiceAccount, pod: Pod): string | undefined {
  if (!isEnforced(account)) return undefined;
  const allowed = new Set((account.secrets ?? []).map((secret) => secret.name ?? ""));
  const tail = `is not allowed because service account ${account.metadata.name} does not reference that secret`;
  for (const volume of pod.spec.volumes ?? []) {
    const name = volume.secret === undefined ? undefined : (volume.secret.secretName ?? "");
    if (name !== undefined && !allowed.has(name)) return `volume with secret.secretName="${name}" ${tail}`;
  }
  const fault =
    limitContainers("init container", pod.spec.initContainers ?? [], allowed, tail) ??
    limitContainers("container", pod.spec.containers, allowed, tail);
  if (fault !== undefined) return fault;
  const pullable = new Set((account.imagePullSecrets ?? []).map((secret) => secret.name ?? ""));
  for (const [index, { name = "" }] of (pod.spec.imagePullSecrets ?? []).entries())
    if (!pullable.has(name))
      return `imagePullSecrets[${index}].name="${name}" is not allowed because service account ${account.metadata.name} does not reference that imagePullSecret`;
  return undefined;
}

/** As `limitSecrets`, for the ephemeral containers of a pod. */
export function limitEphemeralSecrets(account: ServiceAccount, pod: Pod): string | undefined {
  if (!isEnforced(account)) return undefined;
  const allowed = new Set((account.secrets ?? []).map((secret) => secret.name ?? ""));
  const tail = `is not allowed because service account ${account.metadata.name} does not reference that secret`;
  return limitContainers("ephemeral container", pod.spec.ephemeralContainers ?? [], allowed, tail);
}

function isEnforced(account: ServiceAccount): boolean {
  return trueTexts.has(account.metadata.annotations?.[enforceAnnotation] ?? "");
}

function limitContainers(
  title: string,
  containers: readonly (Container | EphemeralContainer)[],
  allowed: ReadonlySet<string>,
  tail: string,
): string | undefined {
  for (const container of containers) {
    for (const variable of container.env ?? []) {
      const name = variable.valueFrom?.secretKeyRef?.name;
      if (name !== undefined && !allowed.has(name))
        return `${title} ${container.name} with envVar ${variable.name} referencing secret.secretName="${name}" ${tail}`;
    }
    for (const source of container.envFrom ?? []) {
      const name = source.secretRef?.name;
      if (name !== undefined && !allowed.has(name))
        return `${title} ${container.name} with envFrom referencing secret.secretName="${name}" ${tail}`;
    }
  }
  return undefined;
}
