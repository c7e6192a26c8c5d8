import type { SubresourceRow } from "../../api/kinds.ts";
import type { ServedResource } from "../resource-table.ts";
import type { ServedGroup, ServedVersion } from "./group-order.ts";

/** `/api`: the versions of the core group. */
export function renderCoreVersions(core: ServedGroup, serverAddress: string): object {
  return {
    kind: "APIVersions",
    versions: core.versions.map(({ version }) => version),
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
  };
}

/** `/apis`: all named groups. */
export function renderGroupList(groups: readonly ServedGroup[]): object {
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(groupEntry) };
}

/** `/apis/<group>`. */
export function renderGroup(group: ServedGroup): object {
  return { kind: "APIGroup", apiVersion: "v1", ...groupEntry(group) };
}

function groupEntry({ name, versions }: ServedGroup): object {
  const entries = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** `/api/v1`, `/apis/<group>/<version>`: resources and sub-resources. */
export function renderResourceList(group: string, { version, resources }: ServedVersion): object {
  const entries = resources.flatMap((served) => [
    resourceEntry(served),
    ...subresourcesOf(served).map((row) => subresourceEntry(served, row)),
  ]);
  return {
    kind: "APIResourceList",
    // The core group's list does without, as it did before there were others.
    ...(group === "" ? {} : { apiVersion: "v1" }),
    groupVersion: group === "" ? version : `${group}/${version}`,
    resources: entries.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function resourceEntry({ row }: ServedResource): { readonly name: string } {
  return {
    name: row.plural,
    singularName: row.singular,
    namespaced: row.namespaced,
    kind: row.kind,
    verbs: row.verbs,
    ...namesOf(row),
    ...(row.storageVersionHash === undefined ? {} : { storageVersionHash: row.storageVersionHash }),
  } as { readonly name: string };
}

function subresourceEntry({ row }: ServedResource, subresource: SubresourceRow): { readonly name: string } {
  const { group, version, kind } = responseKind(row.kind, subresource);
  return {
    name: `${row.plural}/${subresource.name}`,
    singularName: "",
    namespaced: row.namespaced,
    ...(group === "" ? {} : { group, version }),
    kind,
    verbs: subresource.verbs,
  } as { readonly name: string };
}

/** The document with everything in it; `/api` and `/apis` each have their own. Source: KEP-3352. */
export function renderAggregated(groups: readonly ServedGroup[]): object {
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === "" ? {} : { name },
      versions: versions.map(({ version, resources }) => ({
        version,
        resources: resources.map(aggregatedEntry),
        freshness: "Current",
      })),
    })),
  };
}

function aggregatedEntry(served: ServedResource): object {
  const { row } = served;
  const subresources = subresourcesOf(served).map((subresource) => ({
    subresource: subresource.name,
    responseKind: responseKind(row.kind, subresource),
    verbs: subresource.verbs,
  }));
  return {
    resource: row.plural,
    responseKind: { group: "", version: "", kind: row.kind },
    scope: row.namespaced ? "Namespaced" : "Cluster",
    singularResource: row.singular,
    verbs: row.verbs,
    ...namesOf(row),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

function subresourcesOf({ row }: ServedResource): readonly SubresourceRow[] {
  return (row.subresources ?? []).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Group and version are given only when they are not those of the parent. */
function responseKind(
  parentKind: string,
  { kind }: SubresourceRow,
): { readonly group: string; readonly version: string; readonly kind: string } {
  const match = /^(?:(.+)\/)?([^./]+)\.([^.]+)$/.exec(kind ?? "");
  if (match === null) return { group: "", version: "", kind: parentKind };
  const [, group = "", version = "", own = ""] = match;
  return group === "" ? { group: "", version: "", kind: own } : { group, version, kind: own };
}

function namesOf(row: ServedResource["row"]): object {
  const { shortNames = [], categories = [] } = row;
  return {
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
}
