import { endpointSlices } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { EndpointSlice } from "../../api/types/discovery-v1.ts";
import type { Client } from "../../client/client.ts";
import { objectKey } from "../../client/object-key.ts";
import { isNamespaceTerminating } from "../../controllerkit/pod-control.ts";
import type { SliceDraft } from "./plan-slices.ts";

/** Changes slices as planned; in a namespace that goes it stops at the first new one. */
export async function applySlices(
  client: Client,
  plan: {
    readonly create: readonly SliceDraft[];
    readonly update: readonly EndpointSlice[];
    readonly remove: readonly EndpointSlice[];
  },
  signal: AbortSignal,
): Promise<void> {
  for (const draft of plan.create) {
    try {
      await client.create(endpointSlices, draft, { namespace: draft.metadata?.namespace ?? "" }, signal);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      throw error;
    }
  }
  for (const slice of plan.update) await client.update(endpointSlices, slice, {}, signal);
  for (const slice of plan.remove) {
    try {
      await client.delete(endpointSlices, objectKey(slice), {}, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
    }
  }
}
