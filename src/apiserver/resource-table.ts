import type { ServedKind, SubresourceRow } from "../api/kinds.ts";
import { findKind, findSubresource } from "../api/kinds.ts";
import { apiVersionOf, type Resource } from "../api/resource.ts";
import type { SchemaRegistry, StructSchema } from "../api/schema.ts";
import type { AnyResourceDefinition } from "../resources/definition.ts";
import type { BodyKind } from "./chain/request-body.ts";

/** Everything that serving one resource in one version needs. */
export interface ServedResource {
  readonly resource: Resource;
  readonly apiVersion: string;
  readonly row: ServedKind;
  readonly schema: StructSchema;
  readonly definition: AnyResourceDefinition;
  /** The version in which objects are stored, cached and checked; itself unless the kind has several versions. */
  readonly storedAs: ServedResource;
  /** Where its objects stand in the store, ending in `/`. The same for all versions of a kind. */
  readonly keyPrefix: string;
  /** Objects exist in the store; false for reviews, bindings and others that are computed. */
  readonly isStored: boolean;
}

/** A sub-resource and the schema of the bodies it takes. */
export interface ServedSubresource {
  readonly row: SubresourceRow;
  /** Set when it speaks another kind than its parent. */
  readonly own: BodyKind | undefined;
}

/** The resources that a server serves. */
export interface ResourceTable {
  readonly all: readonly ServedResource[];
  find(group: string, version: string, plural: string): ServedResource | undefined;
  /** @throws {Error} when the server does not serve it */
  of(resource: Resource): ServedResource;
  /** The stored kind whose keys begin with that prefix. */
  byKeyPrefix(prefix: string): ServedResource | undefined;
  subresource(served: ServedResource, name: string): ServedSubresource | undefined;
}

/** Creates the table of `kinds`; `definitionOf` says what is special about each. */
export function createResourceTable(
  kinds: readonly ServedKind[],
  definitionOf: (resource: Resource) => AnyResourceDefinition,
  schemas: SchemaRegistry,
): ResourceTable {
  const byPath = new Map<string, ServedResource>();
  for (const row of kinds) {
    const served = createServedResource(row, definitionOf, schemas);
    byPath.set(pathOf(served.resource), served);
  }
  const all = [...byPath.values()].map((served) => linkToStorage(served, byPath));
  for (const served of all) byPath.set(pathOf(served.resource), served);
  const byPrefix = new Map(
    all.filter((served) => served.isStored && served.storedAs === served).map((served) => [served.keyPrefix, served]),
  );
  const subresources = new Map<SubresourceRow, ServedSubresource>();

  const find = (group: string, version: string, plural: string): ServedResource | undefined =>
    byPath.get(`${group}/${version}/${plural}`);
  return {
    all,
    find,
    byKeyPrefix: (prefix) => byPrefix.get(prefix),
    of(resource) {
      const served = find(resource.group, resource.version, resource.plural);
      if (served === undefined) throw new Error(`this server does not serve ${pathOf(resource)}`);
      return served;
    },
    subresource(served, name) {
      const row = findSubresource(served.row, name);
      if (row === undefined) return undefined;
      let known = subresources.get(row);
      if (known === undefined) {
        known = { row, own: ownKindOf(row, schemas) };
        subresources.set(row, known);
      }
      return known;
    },
  };
}

function pathOf(resource: Pick<Resource, "group" | "version" | "plural">): string {
  return `${resource.group}/${resource.version}/${resource.plural}`;
}

/** Mutable while the table is being made, because versions of a kind refer to one another. */
type UnlinkedResource = { -readonly [Key in keyof ServedResource]: ServedResource[Key] };

function createServedResource(
  row: ServedKind,
  definitionOf: (resource: Resource) => AnyResourceDefinition,
  schemas: SchemaRegistry,
): ServedResource {
  const { group, version, plural, kind, namespaced } = row;
  const resource: Resource = { group, version, plural, kind, namespaced };
  const served: UnlinkedResource = {
    resource,
    apiVersion: apiVersionOf(resource),
    row,
    schema: schemas.struct(row.type),
    definition: definitionOf(resource),
    storedAs: undefined as unknown as ServedResource,
    keyPrefix: keyPrefixOf(group, plural),
    isStored: row.verbs.includes("watch"),
  };
  served.storedAs = served;
  return served;
}

function linkToStorage(served: ServedResource, byPath: ReadonlyMap<string, ServedResource>): ServedResource {
  const storage = served.definition.conversion?.storage;
  if (storage === undefined) return served;
  const storedAs = byPath.get(pathOf(storage));
  if (storedAs === undefined) throw new Error(`${pathOf(served.resource)} is stored as ${pathOf(storage)}, not served`);
  return Object.assign(served, { storedAs, keyPrefix: storedAs.keyPrefix });
}

/** `/registry/<group, or core>/<plural>/`. */
function keyPrefixOf(group: string, plural: string): string {
  return `/registry/${group === "" ? "core" : group}/${plural}/`;
}

/** Reads `[group/]version.Kind`. */
function ownKindOf(row: SubresourceRow, schemas: SchemaRegistry): ServedSubresource["own"] {
  if (row.kind === undefined) return undefined;
  const dot = row.kind.lastIndexOf(".");
  const apiVersion = row.kind.slice(0, dot);
  const kind = row.kind.slice(dot + 1);
  const type = findKind(apiVersion, kind)?.type;
  if (type === undefined) return undefined;
  const own = { apiVersion, kind, schema: schemas.struct(type) };
  return kind === "Eviction" ? { ...own, oldVersions: ["policy/v1beta1"] } : own;
}
