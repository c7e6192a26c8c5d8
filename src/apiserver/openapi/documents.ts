import type { SchemaRegistry } from "../../api/schema.ts";
import { returnsDeletedObject } from "../registry/kind-rules.ts";
import type { ServedResource } from "../resource-table.ts";
import { createDefinitions } from "./definitions.ts";
import type { Descriptions } from "./descriptions.ts";
import type { ApiPath } from "./operation.ts";
import { renderV2 } from "./render-v2.ts";
import { renderV3 } from "./render-v3.ts";
import { describeResource, type PathContext } from "./resource-paths.ts";
import {
  describeCoreVersions,
  describeGroup,
  describeGroups,
  describeGroupVersion,
  describeOpenidConfiguration,
  describeOpenidKeys,
  describeVersion,
} from "./root-paths.ts";

/** What documents are made from. */
export interface DocumentSource {
  readonly resources: readonly ServedResource[];
  readonly schemas: SchemaRegistry;
  readonly descriptions: Descriptions;
  /** For `info.version`, for example `1.36`. */
  readonly version: string;
}

/** The names of all documents of version 3, as `/openapi/v3` lists them: `api/v1`, `apis/apps`, `version` and so on. */
export function documentNames(resources: readonly ServedResource[]): readonly string[] {
  const names = new Set([".well-known/openid-configuration", "api", "apis", "openid/v1/jwks", "version"]);
  for (const { resource } of resources) {
    if (resource.group === "") names.add(`api/${resource.version}`);
    else names.add(`apis/${resource.group}`).add(`apis/${resource.group}/${resource.version}`);
  }
  return [...names].sort();
}

/** Makes the document of a name that `documentNames` gives. */
export function buildV3Document(name: string, source: DocumentSource): object {
  const [root = "", first = "", second] = name.split("/");
  const groupVersion =
    root === "api" && first !== ""
      ? { group: "", version: first }
      : root === "apis" && second !== undefined
        ? { group: first, version: second }
        : undefined;
  const { schemas, descriptions, version } = source;
  const definitions = createDefinitions({
    schemas,
    descriptions,
    ...(groupVersion === undefined ? {} : { groupVersion }),
  });
  const context = { definitions, descriptions };
  const paths =
    groupVersion === undefined
      ? [describeRoot(name, context)]
      : describeGroupVersionPaths(groupVersion, source.resources, context);
  return renderV3(paths, definitions.all(), version);
}

/** Makes the one document of version 2. */
export function buildV2Document(source: DocumentSource): object {
  const { resources, schemas, descriptions, version } = source;
  const definitions = createDefinitions({ schemas, descriptions });
  const context = { definitions, descriptions };
  const paths = documentNames(resources).flatMap((name): ApiPath[] => {
    const [root = "", first = "", second] = name.split("/");
    if (root === "api" && first !== "")
      return describeGroupVersionPaths({ group: "", version: first }, resources, context);
    if (root === "apis" && second !== undefined)
      return describeGroupVersionPaths({ group: first, version: second }, resources, context);
    return [describeRoot(name, context)];
  });
  return renderV2(paths, definitions.all(), version);
}

function describeGroupVersionPaths(
  { group, version }: { readonly group: string; readonly version: string },
  resources: readonly ServedResource[],
  context: PathContext,
): ApiPath[] {
  const own = resources.filter(({ resource }) => resource.group === group && resource.version === version);
  return [
    describeGroupVersion(group, version, context),
    ...own.flatMap((served) =>
      describeResource({ row: served.row, returnsDeleted: returnsDeletedObject(served) }, context),
    ),
  ];
}

function describeRoot(name: string, context: PathContext): ApiPath {
  switch (name) {
    case "api":
      return describeCoreVersions(context);
    case "apis":
      return describeGroups(context);
    case "version":
      return describeVersion(context);
    case ".well-known/openid-configuration":
      return describeOpenidConfiguration();
    case "openid/v1/jwks":
      return describeOpenidKeys();
    default:
      return describeGroup(name.slice("apis/".length), context);
  }
}
