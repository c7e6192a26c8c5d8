import { endpointSlices, endpoints, services } from "../../api/resources.ts";
import type { Endpoints } from "../../api/types/core-v1.ts";
import type { EndpointSlice } from "../../api/types/discovery-v1.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
  ownKey,
} from "../../controllerkit/controller.ts";
import { createOwnWrites } from "../../controllerkit/own-writes.ts";
import { done } from "../../controllerkit/reconciler.ts";
import { leaderAnnotation } from "../endpoints/controller.ts";
import { applySlices } from "./apply-slices.ts";
import { maxMirroredPerSubset, mirrorManager, planMirroring } from "./plan-mirroring.ts";
import { sliceLabels } from "./plan-slices.ts";

/** Asks that Endpoints are not mirrored. Source: Kubernetes documentation, "Well-Known Labels". */
const skipLabel = "endpointslice.kubernetes.io/skip-mirror";

/** How long failed passes wait. Source: upstream. */
const retryPolicy = { initialMs: 1_000, maxMs: 100_000 };

const mirrorIndex = "mirror";

/** Creates the controller that shows hand-written Endpoints of services without a selector as EndpointSlices. */
export function createEndpointSliceMirroringController(dependencies: ControllerDependencies): Controller {
  const { informers, events } = dependencies;
  const serviceInformer = informers.of(services);
  const endpointsInformer = informers.of(endpoints);
  const sliceInformer = informers.of(endpointSlices);
  informers.addIndex(endpointSlices, mirrorIndex, (slice) => mirroredKeyOf(slice));
  const writes = createOwnWrites(dependencies.client, [{ resource: endpointSlices, informer: sliceInformer }]);

  const reconcile = async (key: string, signal: AbortSignal) => {
    const client = writes.clientFor(key);
    const source = endpointsInformer.cache.get(key);
    const service = serviceInformer.cache.get(key);
    const slices = sliceInformer.cache
      .byIndex(mirrorIndex, key)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (service === undefined || service.spec.selector !== undefined || !isMirrored(source)) {
      await applySlices(client, { create: [], update: [], remove: slices }, signal);
      return done;
    }
    const plan = planMirroring(source, slices);
    reportSkipped(source, plan);
    const create = source.metadata.deletionTimestamp === undefined ? plan.create : [];
    await applySlices(client, { ...plan, create }, signal);
    return done;
  };

  const reportSkipped = (source: Endpoints, { invalid, skipped }: { invalid: number; skipped: number }): void => {
    if (invalid > 0) {
      const message = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`;
      events.record(source, "Warning", "InvalidIPAddress", message);
    }
    if (skipped > invalid) {
      const limit = `A max of ${maxMirroredPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset.`;
      events.record(source, "Warning", "TooManyAddressesToMirror", `${limit} ${skipped} addresses were skipped`);
    }
  };

  return createController(
    {
      name: "endpointslice-mirroring-controller",
      sources: [
        changesOf(serviceInformer, (change) => {
          const [before, after] = [change.before?.spec.selector, change.after?.spec.selector];
          const isWritten = change.before !== undefined && change.after !== undefined;
          const mayMatter = isWritten
            ? (before === undefined) !== (after === undefined)
            : (before ?? after) === undefined;
          return mayMatter ? ownKey(change) : [];
        }),
        changesOf(endpointsInformer, (change) =>
          isMirrored(change.before) || isMirrored(change.after) ? ownKey(change) : [],
        ),
        changesOf(sliceInformer, ({ before, after }) => [...mirroredKeyOf(before), ...mirroredKeyOf(after)]),
      ],
      writes,
      retryPolicy,
      reconcile,
    },
    dependencies,
  );
}

function isMirrored(source: Endpoints | undefined): source is Endpoints {
  const { labels, annotations } = source?.metadata ?? {};
  return source !== undefined && labels?.[skipLabel] !== "true" && annotations?.[leaderAnnotation] === undefined;
}

/** The Endpoints that a slice of this controller mirrors. */
function mirroredKeyOf(slice: EndpointSlice | undefined): readonly string[] {
  const { labels, namespace } = slice?.metadata ?? {};
  const name = labels?.[sliceLabels.service];
  return name === undefined || labels?.[sliceLabels.managedBy] !== mirrorManager ? [] : [`${namespace}/${name}`];
}
