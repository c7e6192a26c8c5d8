import { leases } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Lease } from "../../api/types/coordination-v1.ts";
import type { Node } from "../../api/types/core-v1.ts";
import { type Clock, formatMicroTime, sleep } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { Client } from "../../client/client.ts";

/** Where nodes' leases live. */
const leaseNamespace = "kube-node-lease";
const leaseSeconds = 40;
/** The lease is renewed this often. Source: Kubernetes documentation, "Nodes": a quarter of its duration. */
const renewMs = 10_000;
/** After a failure it is tried again this soon. */
const retryMs = 1_000;

/** Renews the node's lease until the signal is aborted: the sign that the node lives. */
export async function keepLease(
  options: {
    readonly client: Pick<Client, "get" | "create" | "update">;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly nodeName: string;
    /** The node that owns the lease; undefined while it is not known. */
    readonly ownNode: () => Node | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  const { client, clock, logger, nodeName } = options;
  const key = { namespace: leaseNamespace, name: nodeName };
  let held: Lease | undefined;
  let failures = 0;

  const owners = (): Lease["metadata"]["ownerReferences"] => {
    const node = options.ownNode();
    return node === undefined ? [] : [{ apiVersion: "v1", kind: "Node", name: nodeName, uid: node.metadata.uid }];
  };
  const spec = (): Lease["spec"] => ({
    holderIdentity: nodeName,
    leaseDurationSeconds: leaseSeconds,
    renewTime: formatMicroTime(clock.nowMs()),
  });
  const renew = async (): Promise<void> => {
    if (held !== undefined) {
      const { metadata } = held;
      const ownerReferences = (metadata.ownerReferences?.length ?? 0) > 0 ? metadata.ownerReferences : owners();
      const wanted = { ...held, metadata: { ...metadata, ownerReferences }, spec: { ...held.spec, ...spec() } };
      held = await client.update(leases, wanted as Lease, {}, signal);
      return;
    }
    try {
      held = await client.get(leases, key, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
      const ownerReferences = owners() ?? [];
      held = await client.create<Lease>(leases, { metadata: { ...key, ownerReferences }, spec: spec() }, {}, signal);
      return;
    }
    await renew();
  };

  while (!signal.aborted) {
    try {
      await renew();
      failures = 0;
      await sleep(clock, renewMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      // Whatever was wrong with it: look at it again first.
      held = undefined;
      failures += 1;
      if (failures === 1) logger.warn("node lease not renewed", { error });
      if (!(await rest(clock, retryMs, signal))) return;
    }
  }
}

/** @returns whether the time passed without the signal being aborted */
async function rest(clock: Clock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(clock, delayMs, signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
