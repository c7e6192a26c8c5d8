import { namespaces, serviceAccounts } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
  ownKey,
} from "../../controllerkit/controller.ts";
import { isNamespaceTerminating } from "../../controllerkit/pod-control.ts";
import { done } from "../../controllerkit/reconciler.ts";

/** The account that pods of a namespace run as when they name none. */
const defaultAccount = "default";

/** Creates the controller that keeps a ServiceAccount `default` in every namespace. */
export function createServiceAccountController(dependencies: ControllerDependencies): Controller {
  const { client, informers } = dependencies;
  const namespaceInformer = informers.of(namespaces);
  const accountInformer = informers.of(serviceAccounts);
  return createController(
    {
      name: "serviceaccount-controller",
      sources: [
        changesOf(namespaceInformer, ownKey),
        changesOf(accountInformer, ({ before, after }) =>
          after === undefined && before !== undefined ? [before.metadata.namespace] : [],
        ),
      ],
      workers: 1,
      async reconcile(namespace, signal) {
        const isActive = namespaceInformer.cache.get(namespace)?.status.phase === "Active";
        if (!isActive || accountInformer.cache.get(`${namespace}/${defaultAccount}`) !== undefined) return done;
        try {
          await client.create(serviceAccounts, { metadata: { name: defaultAccount } }, { namespace }, signal);
        } catch (error) {
          if (!hasReason(error, "AlreadyExists") && !isNamespaceTerminating(error)) throw error;
        }
        return done;
      },
    },
    dependencies,
  );
}
