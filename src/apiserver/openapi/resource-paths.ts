import { findKind, type KindRow, type ServedKind, type SubresourceRow } from "../../api/kinds.ts";
import { apiVersionOf } from "../../api/resource.ts";
import type { Definitions } from "./definitions.ts";
import type { Descriptions } from "./descriptions.ts";
import { type ApiOperation, type ApiPath, type HttpMethod, objectMediaTypes, watchMediaTypes } from "./operation.ts";
import { pathParameters, type QueryOptions, queryParameters } from "./parameters.ts";
import type { SchemaNode } from "./schema-node.ts";

/** What is said of one resource. */
export interface DescribedResource {
  readonly row: ServedKind;
  /** Deleting answers with the object instead of a Status. */
  readonly returnsDeleted: boolean;
}

/** What the paths are described with. */
export interface PathContext {
  readonly definitions: Definitions;
  readonly descriptions: Descriptions;
}

/** `/api/v1` or `/apis/<group>/<version>`. */
export function rootOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** `Core`, `Apps`, `RbacAuthorization`: how operations name a group. */
export function groupTitle(group: string): string {
  if (group === "") return "Core";
  const words = group.replace(/\.k8s\.io$/, "").split(".");
  return words.map(capitalize).join("");
}

/** `core_v1`, `rbacAuthorization_v1`: what operations of a group-version are filed under. */
export function groupTag(group: string, version?: string): string {
  const title = groupTitle(group);
  const name = title.slice(0, 1).toLowerCase() + title.slice(1);
  return version === undefined ? name : `${name}_${version}`;
}

/** Every path of a resource and what can be done there. */
export function describeResource({ row, returnsDeleted }: DescribedResource, context: PathContext): ApiPath[] {
  const maker = createMaker(row, context);
  const root = rootOf(row);
  const collection = row.namespaced ? `${root}/namespaces/{namespace}/${row.plural}` : `${root}/${row.plural}`;
  const object = `${collection}/{name}`;
  const has = (verb: string): boolean => row.verbs.includes(verb);
  const paths = [
    maker.path(collection, [
      has("list") && maker.list(collection),
      has("create") && maker.create(collection, ""),
      has("deletecollection") && maker.removeCollection(collection),
    ]),
    maker.path(object, [
      has("get") && maker.read(object, ""),
      has("update") && maker.replace(object, ""),
      has("delete") && maker.remove(object, returnsDeleted),
      has("patch") && maker.patch(object, ""),
    ]),
    ...(row.subresources ?? []).flatMap((subresource) => describeSubresource(maker, object, subresource)),
  ];
  const everywhere = `${root}/${row.plural}`;
  if (row.namespaced && has("list")) paths.push(maker.path(everywhere, [maker.list(everywhere)]));
  if (has("watch")) paths.push(...describeWatches(maker, row, root));
  return paths.filter((path) => path.operations.length > 0);
}

function describeWatches(maker: Maker, row: ServedKind, root: string): ApiPath[] {
  const everywhere = `${root}/watch/${row.plural}`;
  const collection = row.namespaced ? `${root}/watch/namespaces/{namespace}/${row.plural}` : everywhere;
  const lists = row.namespaced ? [everywhere, collection] : [collection];
  const object = `${collection}/{name}`;
  return [
    ...lists.map((path) => maker.path(path, [maker.watch(path, true)])),
    maker.path(object, [maker.watch(object, false)]),
  ];
}

function describeSubresource(maker: Maker, object: string, row: SubresourceRow): ApiPath[] {
  const path = `${object}/${row.name}`;
  const has = (verb: string): boolean => row.verbs.includes(verb);
  if (row.kind?.endsWith("Options")) return describeConnect(maker, path, row);
  return [
    maker.path(path, [
      has("get") && (row.name === "log" ? maker.log(path) : maker.read(path, row.name, row.kind)),
      has("update") && maker.replace(path, row.name, row.kind),
      has("create") && maker.create(path, row.name, row.kind),
      has("patch") && maker.patch(path, row.name, row.kind),
    ]),
  ];
}

const connectMethods: readonly HttpMethod[] = ["get", "put", "post", "delete", "options", "head", "patch"];

/** Streams and proxies: a proxy takes every method, and whatever path follows. */
function describeConnect(maker: Maker, path: string, row: SubresourceRow): ApiPath[] {
  const connect = (at: string, methods: readonly HttpMethod[]): ApiPath =>
    maker.path(
      at,
      methods.map((method) => maker.connect(at, method, row)),
    );
  if (row.name !== "proxy") return [connect(path, ["get", "post"])];
  return [connect(path, connectMethods), connect(`${path}/{path}`, connectMethods)];
}

type Maker = ReturnType<typeof createMaker>;

/** Makes operations of one resource. The empty sub-resource stands for the resource itself. */
function createMaker(row: ServedKind, context: PathContext) {
  const { definitions, descriptions } = context;
  const { kind } = row;
  const own = { group: row.group, version: row.version, kind };
  const tag = groupTag(row.group, row.version);
  const object = definitions.referTo(row.type);

  /** `read`, `Core`, `V1`, `Namespaced`, `Pod`, `Status`. */
  const idOf = (verb: string, path: string, tail: string, middle = ""): { id: string; clientName: string } => {
    const scope = path.includes("{namespace}") ? "Namespaced" : "";
    return {
      id: `${verb}${groupTitle(row.group)}${capitalize(row.version)}${middle}${scope}${kind}${tail}`,
      clientName: `${verb}${middle}${scope}${kind}${tail}`,
    };
  };
  const rowOf = (subKind: string): KindRow => {
    const dot = subKind.lastIndexOf(".");
    const found = findKind(subKind.slice(0, dot), subKind.slice(dot + 1));
    if (found === undefined) throw new Error(`no kind ${subKind}`);
    return found;
  };
  const kindOf = (subKind: string | undefined): { kind: typeof own; schema: SchemaNode } => {
    if (subKind === undefined) return { kind: own, schema: object };
    const { group, version, kind: name, type } = rowOf(subKind);
    return { kind: { group, version, kind: name }, schema: definitions.referTo(type) };
  };
  const make = (
    path: string,
    name: { id: string; clientName: string },
    queryOptions: readonly QueryOptions[],
    parameterKind: string,
    rest: Omit<ApiOperation, "id" | "tag" | "parameters">,
  ): ApiOperation => ({
    ...rest,
    id: name.id,
    tag,
    parameters: [
      ...pathParameters(path, parameterKind),
      ...queryParameters(queryOptions, name.clientName, descriptions),
    ],
  });
  const of = (subresource: string): string => (subresource === "" ? "" : `${subresource} of `);
  const body = (schema: SchemaNode, isRequired = true, mediaTypes = ["*/*"]) => ({ schema, isRequired, mediaTypes });
  const codes = (schema: SchemaNode, ...numbers: number[]): Record<number, SchemaNode> =>
    Object.fromEntries(numbers.map((code) => [code, schema]));
  const withStreams = [...objectMediaTypes, ...watchMediaTypes];
  const text: SchemaNode = { type: "string" };
  const status = (): SchemaNode => definitions.referTo("meta.v1.Status");
  const deleteOptions = (): ReturnType<typeof body> => body(definitions.referTo("meta.v1.DeleteOptions"), false);
  const listKind = row.listKind ?? `${kind}List`;

  return {
    path: (path: string, operations: readonly (ApiOperation | false)[]): ApiPath => ({
      path,
      operations: operations.filter((operation) => operation !== false),
    }),

    list(path: string): ApiOperation {
      const isEverywhere = row.namespaced && !path.includes("{namespace}");
      const name = idOf("list", path, isEverywhere ? "ForAllNamespaces" : "");
      const found = findKind(apiVersionOf(row), listKind);
      const schema = found === undefined ? object : definitions.referTo(found.type);
      const what = row.verbs.includes("watch") ? "list or watch" : "list";
      return make(path, name, ["list", "pretty"], kind, {
        method: "get",
        description: `${what} objects of kind ${kind}`,
        action: "list",
        kind: own,
        produces: withStreams,
        successes: codes(schema, 200),
      });
    },

    watch(path: string, isList: boolean): ApiOperation {
      const isEverywhere = row.namespaced && !path.includes("{namespace}");
      const name = idOf("watch", path, isList ? (isEverywhere ? "ListForAllNamespaces" : "List") : "");
      const description = isList
        ? `watch individual changes to a list of ${kind}. deprecated: use the 'watch' parameter with a list operation instead.`
        : `watch changes to an object of kind ${kind}. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter.`;
      return make(path, name, ["list", "pretty"], kind, {
        method: "get",
        description,
        action: isList ? "watchlist" : "watch",
        kind: own,
        produces: withStreams,
        successes: codes(definitions.referTo("meta.v1.WatchEvent"), 200),
      });
    },

    read(path: string, subresource: string, subKind?: string): ApiOperation {
      const { kind: shown, schema } = kindOf(subKind);
      return make(path, idOf("read", path, capitalize(subresource)), ["pretty"], shown.kind, {
        method: "get",
        description: `read ${of(subresource)}the specified ${kind}`,
        action: "get",
        kind: shown,
        produces: objectMediaTypes,
        successes: codes(schema, 200),
      });
    },

    log(path: string): ApiOperation {
      return make(path, idOf("read", path, "Log"), ["log", "pretty"], kind, {
        method: "get",
        description: `read log of the specified ${kind}`,
        action: "get",
        kind: own,
        produces: ["text/plain", ...objectMediaTypes],
        successes: codes(text, 200),
      });
    },

    create(path: string, subresource: string, subKind?: string): ApiOperation {
      const { kind: shown, schema } = kindOf(subKind);
      const article = articleOf(kind);
      const what = subresource === "" ? `create${article}${kind}` : `create ${subresource} of${article}${kind}`;
      return make(path, idOf("create", path, capitalize(subresource)), ["write", "pretty"], shown.kind, {
        method: "post",
        description: what,
        action: "post",
        kind: shown,
        body: body(schema),
        produces: objectMediaTypes,
        successes: codes(schema, 200, 201, 202),
      });
    },

    replace(path: string, subresource: string, subKind?: string): ApiOperation {
      const { kind: shown, schema } = kindOf(subKind);
      return make(path, idOf("replace", path, capitalize(subresource)), ["write", "pretty"], shown.kind, {
        method: "put",
        description: `replace ${of(subresource)}the specified ${kind}`,
        action: "put",
        kind: shown,
        body: body(schema),
        produces: objectMediaTypes,
        successes: codes(schema, 200, 201),
      });
    },

    patch(path: string, subresource: string, subKind?: string): ApiOperation {
      const { kind: shown, schema } = kindOf(subKind);
      return make(path, idOf("patch", path, capitalize(subresource)), ["patch", "pretty"], shown.kind, {
        method: "patch",
        description: `partially update ${of(subresource)}the specified ${kind}`,
        action: "patch",
        kind: shown,
        body: body(definitions.referTo("meta.v1.Patch"), true, patchMediaTypes),
        produces: objectMediaTypes,
        successes: codes(schema, 200, 201),
      });
    },

    remove(path: string, returnsDeleted: boolean): ApiOperation {
      return make(path, idOf("delete", path, ""), ["remove", "pretty"], kind, {
        method: "delete",
        description: `delete${articleOf(kind)}${kind}`,
        action: "delete",
        kind: own,
        body: deleteOptions(),
        produces: objectMediaTypes,
        // Published otherwise than it is: a namespace is answered with while it is going.
        successes: codes(returnsDeleted && kind !== "Namespace" ? object : status(), 200, 202),
      });
    },

    removeCollection(path: string): ApiOperation {
      return make(path, idOf("delete", path, "", "Collection"), ["removeCollection", "pretty"], kind, {
        method: "delete",
        description: `delete collection of ${kind}`,
        action: "deletecollection",
        kind: own,
        body: deleteOptions(),
        produces: objectMediaTypes,
        successes: codes(status(), 200),
      });
    },

    connect(path: string, method: HttpMethod, subresource: SubresourceRow): ApiOperation {
      const options = rowOf(subresource.kind ?? "");
      const shown = { group: options.group, version: options.version, kind: options.kind };
      const tail = `${capitalize(subresource.name)}${path.endsWith("/{path}") ? "WithPath" : ""}`;
      const name = idOf("connect", path, tail, capitalize(method));
      return make(path, name, [subresource.name as QueryOptions], shown.kind, {
        method,
        description: `connect ${method.toUpperCase()} requests to ${subresource.name} of ${kind}`,
        action: "connect",
        kind: shown,
        produces: ["*/*"],
        successes: codes(text, 200),
      });
    },
  };
}

const patchMediaTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

function capitalize(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

/** The article before a noun, with blanks around; plural nouns have none. */
function articleOf(noun: string): string {
  if (noun.endsWith("s") && !noun.endsWith("ss")) return " ";
  return /^[AEIOU]/i.test(noun) ? " an " : " a ";
}
