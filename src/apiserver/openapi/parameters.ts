import { type Descriptions, describeParameter } from "./descriptions.ts";
import type { ApiParameter } from "./operation.ts";

type ParameterType = ApiParameter["type"];

/** Query parameters by the kind of options that they belong to. Source: meta/v1 and core/v1 options. */
const queries = {
  pretty: { pretty: "string" },
  write: { dryRun: "string", fieldManager: "string", fieldValidation: "string" },
  patch: { dryRun: "string", fieldManager: "string", fieldValidation: "string", force: "boolean" },
  remove: {
    dryRun: "string",
    gracePeriodSeconds: "integer",
    ignoreStoreReadErrorWithClusterBreakingPotential: "boolean",
    orphanDependents: "boolean",
    propagationPolicy: "string",
  },
  list: {
    allowWatchBookmarks: "boolean",
    continue: "string",
    fieldSelector: "string",
    labelSelector: "string",
    limit: "integer",
    resourceVersion: "string",
    resourceVersionMatch: "string",
    sendInitialEvents: "boolean",
    shardSelector: "string",
    timeoutSeconds: "integer",
    watch: "boolean",
  },
  removeCollection: {
    continue: "string",
    dryRun: "string",
    fieldSelector: "string",
    gracePeriodSeconds: "integer",
    ignoreStoreReadErrorWithClusterBreakingPotential: "boolean",
    labelSelector: "string",
    limit: "integer",
    orphanDependents: "boolean",
    propagationPolicy: "string",
    resourceVersion: "string",
    resourceVersionMatch: "string",
    sendInitialEvents: "boolean",
    shardSelector: "string",
    timeoutSeconds: "integer",
  },
  attach: { container: "string", stderr: "boolean", stdin: "boolean", stdout: "boolean", tty: "boolean" },
  exec: {
    command: "string",
    container: "string",
    stderr: "boolean",
    stdin: "boolean",
    stdout: "boolean",
    tty: "boolean",
  },
  portforward: { ports: "integer" },
  proxy: { path: "string" },
  log: {
    container: "string",
    follow: "boolean",
    insecureSkipTLSVerifyBackend: "boolean",
    limitBytes: "integer",
    previous: "boolean",
    sinceSeconds: "integer",
    stream: "string",
    tailLines: "integer",
    timestamps: "boolean",
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ParameterType>>>>;

export type QueryOptions = keyof typeof queries;

/** The query parameters of an operation. `operation` is its name as client libraries have it. */
export function queryParameters(
  options: readonly QueryOptions[],
  operation: string,
  descriptions: Descriptions,
): ApiParameter[] {
  return options.flatMap((name) =>
    Object.entries(queries[name]).map(([parameter, type]: [string, ParameterType]) =>
      create(parameter, "query", type, describeParameter(descriptions, operation, parameter)),
    ),
  );
}

/** The parameters in a path: namespace, name, and the rest of a proxied path. */
export function pathParameters(path: string, kind: string): ApiParameter[] {
  const texts: Readonly<Record<string, string>> = {
    namespace: "object name and auth scope, such as for teams and projects",
    name: `name of the ${kind}`,
    path: "path to the resource",
  };
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string);
  return names.map((name) => create(name, "path", "string", texts[name]));
}

function create(
  name: string,
  place: ApiParameter["in"],
  type: ParameterType,
  description: string | undefined,
): ApiParameter {
  return { name, in: place, type, ...(description === undefined ? {} : { description }) };
}
