import { type ApiOperation, type ApiParameter, type ApiPath, splitParameters } from "./operation.ts";
import { bearerToken, sortPaths, successTexts } from "./render-v3.ts";
import { renderSchema, type SchemaNode } from "./schema-node.ts";

/** Parameters that clients look for by name within each operation. */
const inlineParameters: ReadonlySet<string> = new Set(["dryRun", "fieldValidation", "name"]);

/** Parameters said once for the whole document, by the name under which paths refer to them. */
type SharedParameters = Map<string, object>;

/** Writes a document of OpenAPI 2.0 ("Swagger"). */
export function renderV2(
  paths: readonly ApiPath[],
  definitions: ReadonlyMap<string, SchemaNode>,
  version: string,
): object {
  const shared: SharedParameters = new Map();
  const renderedPaths = sortPaths(paths).map((path): [string, object] => [path.path, renderPath(path, shared)]);
  const renderedDefinitions = [...definitions]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, node]): [string, object] => [name, renderSchema(node, "v2")]);
  return {
    swagger: "2.0",
    info: { title: "Kubernetes", version },
    paths: Object.fromEntries(renderedPaths),
    definitions: Object.fromEntries(renderedDefinitions),
    parameters: Object.fromEntries([...shared].sort(([a], [b]) => (a < b ? -1 : 1))),
    securityDefinitions: { BearerToken: bearerToken },
    security: [{ BearerToken: [] }],
  };
}

function renderPath(path: ApiPath, shared: SharedParameters): object {
  const parameters = splitParameters(path);
  const operations = path.operations.map((operation): [string, object] => [
    operation.method,
    renderOperation(operation, parameters.own(operation), shared),
  ]);
  const common = parameters.shared.map((parameter) => refer(parameter, shared));
  return { ...Object.fromEntries(operations), ...(common.length === 0 ? {} : { parameters: common }) };
}

function renderOperation(
  operation: ApiOperation,
  parameters: readonly ApiParameter[],
  shared: SharedParameters,
): object {
  const { tag, description, id, body, action, kind, produces, successes } = operation;
  const consumes = operation.consumes ?? body?.mediaTypes ?? (action === undefined ? undefined : ["*/*"]);
  const all = [
    ...(body === undefined ? [] : [renderBody(body)]),
    ...parameters.map((parameter) => refer(parameter, shared)),
  ];
  const responses: Record<string, object> = {};
  for (const [code, schema] of Object.entries(successes))
    responses[code] = { description: successTexts[code] ?? "", schema: renderSchema(schema, "v2") };
  responses["401"] = { description: "Unauthorized" };
  return {
    description,
    ...(consumes === undefined ? {} : { consumes }),
    produces,
    schemes: ["https"],
    tags: [tag],
    operationId: id,
    ...(all.length === 0 ? {} : { parameters: all }),
    responses,
    ...(action === undefined ? {} : { "x-kubernetes-action": action }),
    ...(kind === undefined ? {} : { "x-kubernetes-group-version-kind": kind }),
  };
}

function renderBody({ schema, isRequired }: NonNullable<ApiOperation["body"]>): object {
  return {
    name: "body",
    in: "body",
    ...(isRequired ? { required: true } : {}),
    schema: renderSchema(schema, "v2"),
  };
}

/** Most parameters are the same for hundreds of operations: they are said once. */
function refer(parameter: ApiParameter, shared: SharedParameters): object {
  const rendered = renderParameter(parameter);
  if (inlineParameters.has(parameter.name)) return rendered;
  const text = JSON.stringify(rendered);
  for (let variant = 1; ; variant += 1) {
    const key = variant === 1 ? `${parameter.name}-${parameter.in}` : `${parameter.name}-${parameter.in}-${variant}`;
    const present = shared.get(key);
    if (present === undefined) shared.set(key, rendered);
    if (present === undefined || JSON.stringify(present) === text) return { $ref: `#/parameters/${key}` };
  }
}

function renderParameter({ name, in: place, type, description }: ApiParameter): object {
  return {
    uniqueItems: true,
    type,
    ...(description === undefined ? {} : { description }),
    name,
    in: place,
    ...(place === "path" ? { required: true } : {}),
  };
}
