import { endpointSlices, nodes, pods, services } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Service } from "../../api/types/core-v1.ts";
import type { EndpointSlice } from "../../api/types/discovery-v1.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
  ownKey,
} from "../../controllerkit/controller.ts";
import { createOwnWrites } from "../../controllerkit/own-writes.ts";
import { messageOf } from "../../controllerkit/pod-control.ts";
import { done } from "../../controllerkit/reconciler.ts";
import { indexServicesBySelector, podsOfService, servicesOfPod } from "../service/service-pods.ts";
import { createTriggerTimes, triggerTimeAnnotation } from "../service/trigger-times.ts";
import { applySlices } from "./apply-slices.ts";
import { planSlices, type SlicesPlan, sliceLabels, sliceManager } from "./plan-slices.ts";

/** Changes that others make to slices are looked at after this time. Source: upstream. */
const foreignChangeMs = 1_000;

/** How long failed passes wait. Source: upstream. */
const retryPolicy = { initialMs: 1_000, maxMs: 1_000_000 };

const serviceIndex = "service";

/** Creates the controller that keeps EndpointSlices of services in step with the pods that they select. */
export function createEndpointSliceController(dependencies: ControllerDependencies): Controller {
  const { informers, events } = dependencies;
  const serviceInformer = informers.of(services);
  const sliceInformer = informers.of(endpointSlices);
  const nodeInformer = informers.of(nodes);
  indexServicesBySelector(informers);
  informers.addIndex(endpointSlices, serviceIndex, (slice) => serviceKeyOf(slice));
  const triggers = createTriggerTimes();
  const writes = createOwnWrites(dependencies.client, [{ resource: endpointSlices, informer: sliceInformer }]);

  const reconcile = async (key: string, signal: AbortSignal) => {
    const service = serviceInformer.cache.get(key);
    if (service === undefined) triggers.forget(key);
    if (service?.spec.selector === undefined || service.spec.type === "ExternalName") return done;
    const selected = podsOfService(informers, service);
    const triggerTime = triggers.next(key, service, selected);
    const slices = sliceInformer.cache
      .byIndex(serviceIndex, key)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const nodeOf = (name: string) => nodeInformer.cache.get(name);
    const plan = planSlices({ service, pods: selected, nodeOf }, slices);
    try {
      await applySlices(writes.clientFor(key), told(service, plan, triggerTime), signal);
      if (plan.faults.length > 0) throw new Error(joined(plan.faults));
    } catch (error) {
      if (signal.aborted || hasReason(error, "Conflict")) throw error;
      const { namespace, name } = service.metadata;
      const message = `Error updating Endpoint Slices for Service ${namespace}/${name}: ${messageOf(error)}`;
      events.record(service, "Warning", "FailedToUpdateEndpointSlices", message);
      throw error;
    }
    return done;
  };

  return createController(
    {
      name: "endpointslice-controller",
      sources: [
        changesOf(serviceInformer, ownKey),
        changesOf(informers.of(pods), (change) => servicesOfPod(informers, change)),
        changesOf(
          sliceInformer,
          ({ before, after }) => [...serviceKeyOf(before), ...serviceKeyOf(after)],
          () => foreignChangeMs,
        ),
      ],
      alsoReads: [nodeInformer],
      writes,
      retryPolicy,
      reconcile,
    },
    dependencies,
  );
}

/** The service that a slice of this controller belongs to. */
function serviceKeyOf(slice: EndpointSlice | undefined): readonly string[] {
  const { labels, namespace } = slice?.metadata ?? {};
  const name = labels?.[sliceLabels.service];
  return name === undefined || labels?.[sliceLabels.managedBy] !== sliceManager ? [] : [`${namespace}/${name}`];
}

/** The plan with the time of the change that led to it; without new slices for a service that goes. */
function told(service: Service, plan: SlicesPlan, triggerTime: string | undefined): SlicesPlan {
  // The collector is about to take the slices of a service that goes.
  const create = service.metadata.deletionTimestamp === undefined ? plan.create : [];
  return {
    ...plan,
    create: create.map((draft) => withTriggerTime(draft, triggerTime)),
    update: plan.update.map((slice) => withTriggerTime(slice, triggerTime)),
  };
}

function withTriggerTime<S extends { readonly metadata?: unknown }>(slice: S, time: string | undefined): S {
  const metadata = slice.metadata as EndpointSlice["metadata"];
  const { [triggerTimeAnnotation]: _before, ...others } = metadata.annotations ?? {};
  const annotations = time === undefined ? others : { ...others, [triggerTimeAnnotation]: time };
  return { ...slice, metadata: { ...metadata, annotations } };
}

function joined(faults: readonly string[]): string {
  const distinct = [...new Set(faults)];
  return distinct.length === 1 ? (distinct[0] as string) : `[${distinct.join(", ")}]`;
}
