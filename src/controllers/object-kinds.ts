import { servedKinds } from "../api/kinds.ts";
import { apiVersionOf, type Resource } from "../api/resource.ts";
import { customResourceDefinitions } from "../api/resources.ts";
import type { CustomResourceDefinition } from "../api/types/apiextensions-v1.ts";
import type { Informers } from "../client/informer.ts";

/** A kind as controllers that deal with all kinds alike know it. */
export interface ObjectKind {
  readonly resource: Resource;
  readonly verbs: readonly string[];
  /** The version that clients should speak; the others show the same objects. */
  readonly isPreferred: boolean;
}

/** The kinds that the cluster has: those built in, and those that users have defined. */
export interface ObjectKinds {
  /** Every kind, once, in its preferred version. */
  list(): readonly ObjectKind[];
  /** The resource of a kind in some served version; undefined when there is none. */
  find(apiVersion: string, kind: string): Resource | undefined;
  /** Calls back after kinds have come or gone. Returns how to stop. */
  onChange(listener: () => void): () => void;
}

/** Follows the kinds of the cluster. Kinds of aggregated API servers are not among them. */
export function createObjectKinds(informers: Informers): ObjectKinds {
  const definitions = informers.of(customResourceDefinitions);
  const listeners = new Set<() => void>();
  let known: ReadonlyMap<string, ObjectKind> | undefined;
  const all = (): ReadonlyMap<string, ObjectKind> => {
    if (known === undefined) {
      const custom = definitions.cache.list().flatMap(kindsOfDefinition);
      known = new Map([...builtInKinds, ...custom].map((kind) => [keyOfKind(kind.resource), kind]));
    }
    return known;
  };
  definitions.onChange(({ before, after }) => {
    const names = (definition: CustomResourceDefinition | undefined): string =>
      JSON.stringify(definition === undefined ? [] : kindsOfDefinition(definition));
    if (names(before) === names(after)) return;
    known = undefined;
    for (const listener of listeners) listener();
  });
  return {
    list: () => [...all().values()].filter((kind) => kind.isPreferred),
    find: (apiVersion, kind) => all().get(`${apiVersion}/${kind}`)?.resource,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function keyOfKind(resource: Resource): string {
  return `${apiVersionOf(resource)}/${resource.kind}`;
}

const builtInKinds: readonly ObjectKind[] = servedKinds.map((row) => {
  const { group, version, plural, kind, namespaced, verbs } = row;
  return { resource: { group, version, plural, kind, namespaced }, verbs, isPreferred: row.preferred === true };
});

const customVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** The kinds that a definition adds, one for each version that is served; none before its names are accepted. */
export function kindsOfDefinition({ spec, status }: CustomResourceDefinition): readonly ObjectKind[] {
  const isEstablished = status.conditions?.some(({ type, status }) => type === "Established" && status === "True");
  if (isEstablished !== true) return [];
  const served = (spec.versions ?? []).filter((version) => version.served);
  const [preferred] = served.toSorted((a, b) => compareVersions(a.name, b.name));
  return served.map((version) => ({
    resource: {
      group: spec.group,
      version: version.name,
      plural: spec.names.plural,
      kind: spec.names.kind,
      namespaced: spec.scope === "Namespaced",
    },
    verbs: customVerbs,
    isPreferred: version === preferred,
  }));
}

/** Stable versions first, then beta, then alpha, the newest of each first; other names last. Source: "Versions in CustomResourceDefinitions". */
function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === undefined || right === undefined) return left === right ? (a < b ? -1 : 1) : left === undefined ? 1 : -1;
  return right.stability - left.stability || right.major - left.major || right.minor - left.minor;
}

function parseVersion(name: string): { stability: number; major: number; minor: number } | undefined {
  const match = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/.exec(name);
  if (match === null) return undefined;
  const stability = match[2] === undefined ? 2 : match[2] === "beta" ? 1 : 0;
  return { stability, major: Number(match[1]), minor: Number(match[3] ?? 0) };
}
