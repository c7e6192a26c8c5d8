import { endpoints, pods, services } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Service } from "../../api/types/core-v1.ts";
import { keyOf } from "../../client/informer.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
  ownKey,
} from "../../controllerkit/controller.ts";
import { createOwnWrites } from "../../controllerkit/own-writes.ts";
import { isNamespaceTerminating, messageOf } from "../../controllerkit/pod-control.ts";
import { done } from "../../controllerkit/reconciler.ts";
import { indexServicesBySelector, podsOfService, servicesOfPod } from "../service/service-pods.ts";
import { createTriggerTimes } from "../service/trigger-times.ts";
import { planEndpointsObject } from "./plan-endpoints.ts";

/** Marks Endpoints that components once elected their leaders with: those have no service. */
export const leaderAnnotation = "control-plane.alpha.kubernetes.io/leader";

/** Creates the controller that keeps services' Endpoints, the older form of EndpointSlices. */
export function createEndpointsController(dependencies: ControllerDependencies): Controller {
  const { informers, events } = dependencies;
  const serviceInformer = informers.of(services);
  const endpointsInformer = informers.of(endpoints);
  indexServicesBySelector(informers);
  const triggers = createTriggerTimes();
  const writes = createOwnWrites(dependencies.client, [{ resource: endpoints, informer: endpointsInformer }]);

  const reconcile = async (key: string, signal: AbortSignal) => {
    const service = serviceInformer.cache.get(key);
    if (service === undefined) {
      triggers.forget(key);
      await removeLeftover(key, signal);
      return done;
    }
    if (service.spec.selector === undefined || service.spec.type === "ExternalName") return done;
    const selected = podsOfService(informers, service);
    const triggerTime = triggers.next(key, service, selected);
    const current = endpointsInformer.cache.get(key);
    const plan = planEndpointsObject(service, selected, current, triggerTime);
    if (plan === undefined) return done;
    const client = writes.clientFor(key);
    try {
      if (current === undefined)
        await client.create(endpoints, plan, { namespace: service.metadata.namespace }, signal);
      else await client.update(endpoints, plan, {}, signal);
    } catch (error) {
      if (isNamespaceTerminating(error)) return done;
      if (!signal.aborted && !hasReason(error, "Conflict")) reportFailure(service, current === undefined, error);
      throw error;
    }
    return done;
  };

  const removeLeftover = async (key: string, signal: AbortSignal): Promise<void> => {
    const leftover = endpointsInformer.cache.get(key);
    if (leftover === undefined) return;
    const { name, namespace } = leftover.metadata;
    try {
      await writes.clientFor(key).delete(endpoints, { name, namespace }, {}, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
    }
  };

  const reportFailure = ({ metadata }: Service, isNew: boolean, error: unknown): void => {
    const { name, namespace } = metadata;
    const subject = endpointsInformer.cache.get(`${namespace}/${name}`) ?? {
      kind: "Endpoints",
      apiVersion: "v1",
      name,
      namespace,
    };
    const message = isNew
      ? `Failed to create endpoint for service ${namespace}/${name}: ${messageOf(error)}`
      : `Failed to update endpoint ${namespace}/${name}: ${messageOf(error)}`;
    events.record(subject, "Warning", isNew ? "FailedToCreateEndpoint" : "FailedToUpdateEndpoint", message);
  };

  return createController(
    {
      name: "endpoints-controller",
      sources: [
        changesOf(serviceInformer, ownKey),
        changesOf(informers.of(pods), (change) => servicesOfPod(informers, change)),
        changesOf(endpointsInformer, ({ before, after }) =>
          after === undefined && before !== undefined ? [keyOf(before)] : [],
        ),
      ],
      // Those whose service went while nobody looked.
      initialKeys: () =>
        endpointsInformer.cache
          .list()
          .filter(({ metadata }) => metadata.annotations?.[leaderAnnotation] === undefined)
          .map(keyOf),
      writes,
      reconcile,
    },
    dependencies,
  );
}
