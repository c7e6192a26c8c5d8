import { parseIpRange } from "../../api/ip.ts";
import { nodes } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Node } from "../../api/types/core-v1.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
  ownKey,
} from "../../controllerkit/controller.ts";
import { createOwnWrites } from "../../controllerkit/own-writes.ts";
import { done } from "../../controllerkit/reconciler.ts";
import { createSubnetPool } from "./subnet-pool.ts";

/** The addresses of pods. */
export interface PodAddresses {
  /** One range, or one of each family: `10.244.0.0/16`. */
  readonly ranges: readonly string[];
  /** How large each node's part is, as lengths of prefixes. Default 24 for IPv4, 64 for IPv6. */
  readonly nodePrefixLengths?: { readonly IPv4?: number; readonly IPv6?: number };
  /** Those of services: nodes get none of them. */
  readonly serviceRanges?: readonly string[];
}

/** Upstream's defaults. */
const defaultPrefixLengths = { IPv4: 24, IPv6: 64 };

/**
 * Creates the controller that gives every node a part of the pods' addresses.
 * @throws {Error} when ranges cannot be cut into parts
 */
export function createNodeIpamController(addresses: PodAddresses, dependencies: ControllerDependencies): Controller {
  const { informers, events } = dependencies;
  const nodeInformer = informers.of(nodes);
  const pools = addresses.ranges.map((range) => {
    const pool = createSubnetPool(range, prefixLength(range, addresses));
    for (const reserved of addresses.serviceRanges ?? []) pool.occupy(reserved);
    return pool;
  });
  const assigned = new Map<string, readonly string[]>();
  let isSeeded = false;
  const writes = createOwnWrites(dependencies.client, [{ resource: nodes, informer: nodeInformer }]);

  const reconcile = async (name: string, signal: AbortSignal) => {
    // Before anything is given out it must be known what is in use.
    if (!isSeeded) for (const node of nodeInformer.cache.list()) note(node.metadata.name, partsOf(node));
    isSeeded = true;
    const node = nodeInformer.cache.get(name);
    note(name, partsOf(node));
    if (node === undefined || node.metadata.deletionTimestamp !== undefined || partsOf(node).length > 0) return done;
    const parts = take(node);
    assigned.set(name, parts);
    try {
      const patch = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: parts[0], podCIDRs: parts } };
      await writes.clientFor(name).patch(nodes, { name }, "strategic", patch, {}, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound") && !signal.aborted) report(node, "CIDRAssignmentFailed");
      // A server that gave up may have done it all the same: this part is lost until the next start.
      if (hasReason(error, "ServerTimeout") || hasReason(error, "Timeout")) assigned.delete(name);
      else note(name, []);
      throw error;
    }
    return done;
  };

  /** Keeps track of the parts that a node has. */
  const note = (name: string, parts: readonly string[]): void => {
    const before = assigned.get(name) ?? [];
    for (const [index, part] of before.entries()) if (!parts.includes(part)) pools[index]?.giveBack(part);
    for (const [index, part] of parts.entries()) pools[index]?.occupy(part);
    if (parts.length === 0) assigned.delete(name);
    else assigned.set(name, parts);
  };
  const take = (node: Node): readonly string[] => {
    const parts: string[] = [];
    for (const [index, pool] of pools.entries()) {
      const part = pool.take();
      if (part === undefined) {
        for (const [other, taken] of parts.entries()) pools[other]?.giveBack(taken);
        report(node, "CIDRNotAvailable");
        throw new Error(`no addresses for pods of the node are left in ${addresses.ranges[index]}`);
      }
      parts.push(part);
    }
    return parts;
  };
  const report = ({ metadata: { name, uid } }: Node, status: string): void => {
    const subject = { apiVersion: "v1", kind: "Node", name, uid };
    events.record(subject, "Normal", status, `Node ${name} status is now: ${status}`);
  };

  return createController(
    { name: "node-ipam-controller", sources: [changesOf(nodeInformer, ownKey)], writes, reconcile },
    dependencies,
  );
}

function partsOf(node: Node | undefined): readonly string[] {
  const { podCIDRs = [], podCIDR } = node?.spec ?? {};
  return podCIDRs.length === 0 && podCIDR !== undefined ? [podCIDR] : podCIDRs;
}

function prefixLength(range: string, { nodePrefixLengths = {} }: PodAddresses): number {
  const family = parseIpRange(range)?.address.family ?? "IPv4";
  return nodePrefixLengths[family] ?? defaultPrefixLengths[family];
}
