import { type ApiOperation, type ApiParameter, type ApiPath, splitParameters } from "./operation.ts";
import { renderSchema, type SchemaNode } from "./schema-node.ts";

/** Words for codes of success. */
export const successTexts: Readonly<Record<string, string>> = { 200: "OK", 201: "Created", 202: "Accepted" };

/** Writes a document of OpenAPI 3.0. */
export function renderV3(
  paths: readonly ApiPath[],
  definitions: ReadonlyMap<string, SchemaNode>,
  version: string,
): object {
  const schemas = Object.fromEntries(
    [...definitions]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, node]): [string, object] => [name, renderSchema(node, "v3")]),
  );
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version },
    paths: Object.fromEntries(sortPaths(paths).map((path) => [path.path, renderPath(path)])),
    components: {
      ...(definitions.size === 0 ? {} : { schemas }),
      securitySchemes: { BearerToken: bearerToken },
    },
  };
}

/** How clients prove who they are. */
export const bearerToken = {
  type: "apiKey",
  description: "Bearer Token authentication",
  name: "authorization",
  in: "header",
} as const;

/** Paths in order of their text. */
export function sortPaths(paths: readonly ApiPath[]): readonly ApiPath[] {
  return [...paths].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function renderPath(path: ApiPath): object {
  const parameters = splitParameters(path);
  const operations = path.operations.map((operation): [string, object] => [
    operation.method,
    renderOperation(operation, parameters.own(operation)),
  ]);
  return {
    ...Object.fromEntries(operations),
    ...(parameters.shared.length === 0 ? {} : { parameters: parameters.shared.map(renderParameter) }),
  };
}

function renderOperation(operation: ApiOperation, parameters: readonly ApiParameter[]): object {
  const { tag, description, id, body, action, kind } = operation;
  return {
    tags: [tag],
    description,
    operationId: id,
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(renderParameter) }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            content: renderContent(body.mediaTypes, body.schema),
            ...(body.isRequired ? { required: true } : {}),
          },
        }),
    responses: renderResponses(operation),
    ...(action === undefined ? {} : { "x-kubernetes-action": action }),
    ...(kind === undefined ? {} : { "x-kubernetes-group-version-kind": kind }),
  };
}

function renderResponses({ successes, produces }: ApiOperation): object {
  const rendered: Record<string, object> = {};
  for (const [code, schema] of Object.entries(successes))
    rendered[code] = { description: successTexts[code] ?? "", content: renderContent(produces, schema) };
  rendered["401"] = { description: "Unauthorized" };
  return rendered;
}

function renderContent(mediaTypes: readonly string[], schema: SchemaNode): object {
  const rendered = { schema: renderSchema(schema, "v3") };
  return Object.fromEntries([...mediaTypes].sort().map((mediaType) => [mediaType, rendered]));
}

function renderParameter({ name, in: place, type, description }: ApiParameter): object {
  return {
    name,
    in: place,
    ...(description === undefined ? {} : { description }),
    ...(place === "path" ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  };
}
