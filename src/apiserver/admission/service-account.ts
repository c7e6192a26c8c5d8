import type { Draft } from "../../api/draft.ts";
import { serviceAccounts } from "../../api/resources.ts";
import type { Container, Pod, ServiceAccount, Volume } from "../../api/types/core-v1.ts";
import { type Clock, sleep } from "../../base/clock.ts";
import { randomNameSuffix } from "../../base/ids.ts";
import type { Random } from "../../base/random.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { secretNamesOf } from "../authorization/pod-references.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { FieldOrder } from "./field-order.ts";
import { limitEphemeralSecrets, limitSecrets } from "./mountable-secrets.ts";
import { refuse } from "./refusal.ts";

const defaultAccount = "default";
const tokenMountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const tokenVolumePrefix = "kube-api-access-";
const mirrorAnnotation = "kubernetes.io/config.mirror";

/** A new namespace gets its default account from a controller: this long a pod waits for it, looking so often. */
const defaultAccountWaitMs = 1_500;
const defaultAccountPollMs = 25;

/**
 * Gives pods the service account that they run as, its token as a volume, and its image pull secrets.
 * Source: Kubernetes documentation, "Managing Service Accounts", "ServiceAccount admission controller".
 */
export function createServiceAccountAdmission(context: {
  readonly objects: LiveObjects;
  readonly order: FieldOrder;
  readonly clock: Clock;
  readonly random: Random;
}): AdmissionPlugin {
  const { clock, order, random } = context;
  const cache = context.objects.of(serviceAccounts).cache;

  const findAccount = async (request: AdmissionRequest, name: string, signal: AbortSignal): Promise<ServiceAccount> => {
    const { namespace } = request.attributes;
    const key = `${namespace}/${name}`;
    const deadlineMs = clock.monotonicMs() + (name === defaultAccount ? defaultAccountWaitMs : 0);
    for (;;) {
      const account = cache.get(key);
      if (account !== undefined) return account;
      if (clock.monotonicMs() >= deadlineMs)
        throw refuse(request, `error looking up service account ${key}: serviceaccount "${name}" not found`);
      await sleep(clock, defaultAccountPollMs, signal);
    }
  };

  return {
    name: "ServiceAccount",
    handles: ({ group, resource, subresource }, operation) =>
      group === "" &&
      resource === "pods" &&
      ((subresource === "" && operation === "create") ||
        (subresource === "ephemeralcontainers" && operation === "update")),

    async admit(request, signal) {
      if (request.operation !== "create") return;
      const pod = request.object as unknown as Draft<Pod>;
      if (isMirror(pod)) return;
      const name = pod.spec.serviceAccountName || defaultAccount;
      const account =
        cache.get(`${request.attributes.namespace}/${name}`) ?? (await findAccount(request, name, signal));
      pod.spec = order.withFields("core.v1.PodSpec", pod.spec, {
        serviceAccountName: name,
        serviceAccount: name,
        ...(wantsToken(pod, account) ? tokenMounts(pod.spec, random, order) : {}),
        ...pullSecrets(pod, account),
      });
    },

    async validate(request, signal) {
      const pod = request.object as unknown as Draft<Pod>;
      if (request.operation === "create" && isMirror(pod)) return checkMirror(request, pod as Pod);
      const name = pod.spec.serviceAccountName;
      if (name === undefined) {
        const { namespace } = request.attributes;
        throw refuse(request, `no service account specified for pod ${namespace}/${pod.metadata.name ?? ""}`);
      }
      const account =
        cache.get(`${request.attributes.namespace}/${name}`) ?? (await findAccount(request, name, signal));
      const limit = request.operation === "create" ? limitSecrets : limitEphemeralSecrets;
      const fault = limit(account, pod as Pod);
      if (fault !== undefined) throw refuse(request, fault);
    },
  };
}

function isMirror(pod: Draft<Pod>): boolean {
  return pod.metadata.annotations !== undefined && Object.hasOwn(pod.metadata.annotations, mirrorAnnotation);
}

/** What a node shows of the pods that it runs by itself cannot hold anything from the cluster. */
function checkMirror(request: AdmissionRequest, pod: Pod): void {
  if (pod.spec.serviceAccountName !== undefined)
    throw refuse(request, "a mirror pod may not reference service accounts");
  if (secretNamesOf(pod).length > 0) throw refuse(request, "a mirror pod may not reference secrets");
  const projections = (pod.spec.volumes ?? []).flatMap((volume) => volume.projected?.sources ?? []);
  if (projections.some((source) => source.serviceAccountToken !== undefined))
    throw refuse(request, "a mirror pod may not use ServiceAccountToken volume projections");
}

function wantsToken(pod: Draft<Pod>, account: ServiceAccount): boolean {
  return pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
}

function pullSecrets(pod: Draft<Pod>, account: ServiceAccount): Partial<Draft<Pod["spec"]>> {
  const secrets = account.imagePullSecrets ?? [];
  if ((pod.spec.imagePullSecrets ?? []).length > 0 || secrets.length === 0) return {};
  return { imagePullSecrets: secrets.map((secret) => ({ ...secret })) };
}

/** Mounts the token in every container that does not already mount something there. */
function tokenMounts(spec: Draft<Pod["spec"]>, random: Random, order: FieldOrder): Partial<Draft<Pod["spec"]>> {
  const present = (spec.volumes ?? []).find((volume) => volume.name.startsWith(tokenVolumePrefix));
  const volumeName = present?.name ?? `${tokenVolumePrefix}${randomNameSuffix(random)}`;
  let isMounted = false;
  const mount = (container: Draft<Container>): Draft<Container> => {
    const mounts = container.volumeMounts ?? [];
    if (mounts.some((volumeMount) => volumeMount.mountPath === tokenMountPath)) return container;
    isMounted = true;
    const volumeMounts = [...mounts, { name: volumeName, readOnly: true, mountPath: tokenMountPath }];
    return order.withFields("core.v1.Container", container, { volumeMounts });
  };
  const containers = spec.containers.map(mount);
  const initContainers = spec.initContainers?.map(mount);
  return {
    containers,
    ...(initContainers === undefined ? {} : { initContainers }),
    ...(present === undefined && isMounted ? { volumes: [...(spec.volumes ?? []), tokenVolume(volumeName)] } : {}),
  };
}

/** The token, the cluster's certificate authority and the pod's namespace, as programs expect to find them. */
function tokenVolume(name: string): Draft<Volume> {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}
