import { LRUCache } from "lru-cache";
import type { ApiObject } from "../../api/metadata.ts";
import type { OwnerReference } from "../../api/types/meta-v1.ts";

/** Which object it is, as far as references say. */
export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  /** Left out for cluster-wide objects. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
}

/** An object, or one that others refer to, in the graph of owners and dependants. */
export interface GraphNode {
  identity: ObjectIdentity;
  /** Known from references only: nobody has seen it yet. */
  isVirtual: boolean;
  isBeingDeleted: boolean;
  /** Deleted in the foreground: waits until its dependants are gone. */
  deletesDependents: boolean;
  /** Deleted with its dependants left behind: waits until they are let go. */
  orphansDependents: boolean;
  owners: readonly OwnerReference[];
  readonly dependents: Set<GraphNode>;
}

/** Who acts on what the graph finds. Uids stand for nodes, because a node may be gone by the time someone acts. */
export interface GraphListener {
  /** The object may have to be deleted: its owners, or its own state, have changed. */
  check(uid: string): void;
  /** As `check`, after a while: another reading of contradictory references has to be tried. */
  checkLater(uid: string): void;
  /** The object waits for its dependants to be let go. */
  orphan(uid: string): void;
  /** An object refers to an owner in another namespace. */
  reportForeignOwner(dependent: GraphNode, reference: OwnerReference): void;
}

/** Who owns whom, over all kinds. */
export interface ObjectGraph {
  node(uid: string): GraphNode | undefined;
  /** An object is there, new or changed. */
  seen(object: Pick<ApiObject, "metadata">, apiVersion: string, kind: string): void;
  /** An object is gone. */
  gone(uid: string): void;
  /** The server says that there is no object of that identity. */
  absent(identity: ObjectIdentity): void;
  /** Whether an object has lately been found absent. */
  isKnownAbsent(identity: ObjectIdentity): boolean;
  /** Notes that an object is absent. */
  noteAbsent(identity: ObjectIdentity): void;
}

/** Finalizers by which the API server asks for the collector's help. */
export const collectorFinalizers = { foreground: "foregroundDeletion", orphan: "orphan" } as const;

/** Absent owners that are remembered. Source: upstream. */
const maxAbsent = 500;

/** Creates an empty graph. */
export function createObjectGraph(listener: GraphListener): ObjectGraph {
  const nodes = new Map<string, GraphNode>();
  const absentOwners = new LRUCache<string, true>({ max: maxAbsent });

  const linkToOwners = (node: GraphNode, owners: readonly OwnerReference[]): void => {
    let isDoubtful = false;
    for (const reference of owners) {
      const present = nodes.get(reference.uid);
      const owner = present ?? virtualNode(reference, node.identity.namespace);
      if (present === undefined) nodes.set(reference.uid, owner);
      owner.dependents.add(node);
      if (present === undefined) listener.check(reference.uid);
      else if (!isDoubtful) isDoubtful = doubts(node, reference, owner);
    }
    if (isDoubtful) listener.check(node.identity.uid);
  };
  /** Whether what a reference says and what is known of the owner do not go together. */
  const doubts = (node: GraphNode, reference: OwnerReference, owner: GraphNode): boolean => {
    const { namespace } = owner.identity;
    if (namespace !== undefined && namespace !== node.identity.namespace) {
      if (!owner.isVirtual) listener.reportForeignOwner(node, reference);
      return true;
    }
    if (!matches(reference, owner.identity)) return true;
    return namespace === undefined && node.identity.namespace !== undefined && owner.isVirtual;
  };
  const unlinkFromOwners = (node: GraphNode, owners: readonly OwnerReference[]): void => {
    for (const { uid } of owners) nodes.get(uid)?.dependents.delete(node);
  };
  const insert = (identity: ObjectIdentity, metadata: ApiObject["metadata"]): GraphNode => {
    const node: GraphNode = {
      identity,
      isVirtual: false,
      isBeingDeleted: metadata.deletionTimestamp !== undefined,
      deletesDependents: false,
      orphansDependents: false,
      owners: metadata.ownerReferences ?? none,
      dependents: new Set(),
    };
    nodes.set(identity.uid, node);
    linkToOwners(node, node.owners);
    return node;
  };
  const changeOwners = (node: GraphNode, owners: readonly OwnerReference[]): void => {
    const before = node.owners;
    const added = owners.filter(({ uid }) => !before.some((reference) => reference.uid === uid));
    const removed = before.filter(({ uid }) => !owners.some((reference) => reference.uid === uid));
    for (const reference of before) {
      const after = owners.find(({ uid }) => uid === reference.uid);
      // An owner that waited for this object need not wait any more.
      if (reference.blockOwnerDeletion === true && after?.blockOwnerDeletion !== true && nodes.has(reference.uid))
        listener.check(reference.uid);
    }
    node.owners = owners;
    linkToOwners(node, added);
    unlinkFromOwners(node, removed);
  };
  /** Someone has seen an object that was known from references only, some of which may have been wrong. */
  const becomeReal = (node: GraphNode, identity: ObjectIdentity): void => {
    node.isVirtual = false;
    if (sameIdentity(node.identity, identity)) return;
    for (const dependent of partition(node.dependents, identity).other) {
      const reference = dependent.owners.find(({ uid }) => uid === identity.uid);
      if (
        identity.namespace !== undefined &&
        dependent.identity.namespace !== identity.namespace &&
        reference !== undefined
      )
        listener.reportForeignOwner(dependent, reference);
      listener.check(dependent.identity.uid);
    }
    node.identity = identity;
  };
  const followDeletion = (node: GraphNode, { deletionTimestamp, finalizers = [] }: ApiObject["metadata"]): void => {
    if (deletionTimestamp === undefined) return;
    node.isBeingDeleted = true;
    const orphans = finalizers.includes(collectorFinalizers.orphan);
    const waits = finalizers.includes(collectorFinalizers.foreground);
    const [orphanedBefore, waitedBefore] = [node.orphansDependents, node.deletesDependents];
    node.orphansDependents = orphans;
    if (orphans && !orphanedBefore) {
      listener.orphan(node.identity.uid);
      return;
    }
    if (!waits || waitedBefore) return;
    node.deletesDependents = true;
    for (const dependent of node.dependents) listener.check(dependent.identity.uid);
    listener.check(node.identity.uid);
  };
  const remove = (node: GraphNode, identity: ObjectIdentity): void => {
    nodes.delete(node.identity.uid);
    unlinkFromOwners(node, node.owners);
    if (node.dependents.size > 0) noteAbsent(identity);
    for (const dependent of node.dependents) listener.check(dependent.identity.uid);
    for (const { uid } of node.owners) if (nodes.get(uid)?.deletesDependents === true) listener.check(uid);
  };
  const checkOrphansOf = (dependents: readonly GraphNode[], identity: ObjectIdentity): void => {
    if (dependents.length === 0) return;
    noteAbsent(identity);
    for (const dependent of dependents) listener.check(dependent.identity.uid);
  };
  const noteAbsent = (identity: ObjectIdentity): void => void absentOwners.set(formatIdentity(identity), true);

  return {
    node: (uid) => nodes.get(uid),
    noteAbsent,
    isKnownAbsent: (identity) => absentOwners.has(formatIdentity(identity)),
    seen({ metadata }, apiVersion, kind) {
      const { name, namespace, uid } = metadata;
      const identity = { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid };
      let node = nodes.get(uid);
      if (node === undefined) node = insert(identity, metadata);
      else {
        if (node.isVirtual) becomeReal(node, identity);
        changeOwners(node, metadata.ownerReferences ?? none);
      }
      followDeletion(node, metadata);
    },
    gone(uid) {
      const node = nodes.get(uid);
      if (node !== undefined) remove(node, node.identity);
    },
    absent(identity) {
      const node = nodes.get(identity.uid);
      if (node === undefined) return;
      const { matching, other } = partition(node.dependents, identity);
      if (!node.isVirtual && !sameIdentity(node.identity, identity)) {
        checkOrphansOf(matching, identity);
        return;
      }
      if (!node.isVirtual || other.length === 0) {
        remove(node, identity);
        return;
      }
      // References disagree on what the owner is: those that were wrong are checked, then another reading is tried.
      checkOrphansOf(matching, identity);
      const alternative = sameIdentity(node.identity, identity) ? otherReading(other, identity) : undefined;
      if (alternative === undefined) return;
      node.identity = alternative;
      listener.checkLater(identity.uid);
    },
  };
}

const none: readonly OwnerReference[] = [];

function virtualNode(reference: OwnerReference, namespace: string | undefined): GraphNode {
  return {
    identity: identityOf(reference, namespace),
    isVirtual: true,
    isBeingDeleted: false,
    deletesDependents: false,
    orphansDependents: false,
    owners: none,
    dependents: new Set(),
  };
}

/** What a reference means, told the namespace of the object that has it. */
export function identityOf(reference: OwnerReference, namespace: string | undefined): ObjectIdentity {
  const { apiVersion, kind, name, uid } = reference;
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name, uid };
}

/** An identity in one line, as events show it. */
export function formatIdentity({ apiVersion, kind, namespace = "", name, uid }: ObjectIdentity): string {
  return `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
}

function matches(reference: OwnerReference, identity: ObjectIdentity): boolean {
  return (
    reference.uid === identity.uid &&
    reference.name === identity.name &&
    reference.kind === identity.kind &&
    reference.apiVersion === identity.apiVersion
  );
}

function sameIdentity(a: ObjectIdentity, b: ObjectIdentity): boolean {
  return formatIdentity(a) === formatIdentity(b);
}

/** Dependants whose references mean this very owner, and those that mean another of the same uid. Some may do both. */
function partition(
  dependents: Iterable<GraphNode>,
  owner: ObjectIdentity,
): { readonly matching: readonly GraphNode[]; readonly other: readonly GraphNode[] } {
  const matching: GraphNode[] = [];
  const other: GraphNode[] = [];
  for (const dependent of dependents) {
    const isElsewhere = owner.namespace !== undefined && owner.namespace !== dependent.identity.namespace;
    const references = dependent.owners.filter(({ uid }) => uid === owner.uid);
    if (!isElsewhere && references.some((reference) => matches(reference, owner))) matching.push(dependent);
    if (isElsewhere || references.some((reference) => !matches(reference, owner))) other.push(dependent);
  }
  return { matching, other };
}

/** Another identity under which dependants know the owner: the next one in order, so that all get their turn. */
function otherReading(dependents: readonly GraphNode[], absent: ObjectIdentity): ObjectIdentity | undefined {
  const readings = new Map<string, ObjectIdentity>();
  for (const { owners, identity } of dependents)
    for (const reference of owners) {
      if (reference.uid !== absent.uid) continue;
      const isClusterWide =
        absent.namespace === undefined && reference.apiVersion === absent.apiVersion && reference.kind === absent.kind;
      const reading = identityOf(reference, isClusterWide ? undefined : identity.namespace);
      if (!sameIdentity(reading, absent)) readings.set(sortKey(reading), reading);
    }
  const keys = [...readings.keys()].sort();
  const next = keys.find((key) => key > sortKey(absent)) ?? keys[0];
  return next === undefined ? undefined : readings.get(next);
}

function sortKey({ kind, apiVersion, namespace = "", name }: ObjectIdentity): string {
  return [kind, apiVersion, namespace, name].join("\u0000");
}
