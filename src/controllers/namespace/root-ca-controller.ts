import type { Input } from "../../api/draft.ts";
import { configMaps, namespaces } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { ConfigMap } from "../../api/types/core-v1.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
} from "../../controllerkit/controller.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { isNamespaceTerminating } from "../../controllerkit/pod-control.ts";
import { done } from "../../controllerkit/reconciler.ts";

/** The ConfigMap by which pods know the API server's certificate. */
const name = "kube-root-ca.crt";
const annotation = "kubernetes.io/description";
const description =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the " +
  "internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes " +
  "clusters.";

/**
 * Creates the controller that keeps the cluster's certificate authority as a ConfigMap in every namespace.
 * @param rootCa certificates in PEM
 */
export function createRootCaController(rootCa: string, dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies;
  const namespaceInformer = informers.of(namespaces);
  const configMapInformer = informers.of(configMaps);
  const data = { "ca.crt": rootCa };

  const create = async (namespace: string, signal: AbortSignal): Promise<void> => {
    const object: Input<ConfigMap> = { metadata: { name, annotations: { [annotation]: description } }, data };
    try {
      await client.create(configMaps, object, { namespace }, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound", "AlreadyExists") && !isNamespaceTerminating(error)) throw error;
    }
  };
  return createController(
    {
      name: "root-ca-certificate-publisher-controller",
      sources: [
        changesOf(namespaceInformer, ({ after }) => (after?.status.phase === "Active" ? [after.metadata.name] : [])),
        changesOf(configMapInformer, ({ before, after }) => {
          const object = after ?? before;
          return before !== undefined && object?.metadata.name === name ? [object.metadata.namespace] : [];
        }),
      ],
      workers: 1,
      async reconcile(namespace, signal) {
        const present = configMapInformer.cache.get(`${namespace}/${name}`);
        if (present === undefined) {
          await create(namespace, signal);
          return done;
        }
        const { metadata } = present;
        if (deepEqual(present.data, data) && (metadata.annotations?.[annotation] ?? "") !== "") return done;
        const annotations = { ...metadata.annotations, [annotation]: description };
        await client.update(configMaps, { ...present, metadata: { ...metadata, annotations }, data }, {}, signal);
        return done;
      },
    },
    dependencies,
  );
}
