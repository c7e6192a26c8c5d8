import { pods } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import type { Client } from "../../client/client.ts";
import { objectKey } from "../../client/object-key.ts";
import { isTracked, trackingFinalizer } from "./job-pods.ts";

/** Takes the tracking finalizer off a pod, so that it may go. A pod that is gone already is well. */
export async function releasePod(pod: Pod, client: Client, signal: AbortSignal): Promise<void> {
  if (!isTracked(pod)) return;
  const patch = { metadata: { "$deleteFromPrimitiveList/finalizers": [trackingFinalizer] } };
  try {
    await client.patch(pods, objectKey(pod), "strategic", patch, {}, signal);
  } catch (error) {
    if (!hasReason(error, "NotFound")) throw error;
  }
}
