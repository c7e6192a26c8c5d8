import type { SchemaNode } from "./schema-node.ts";

export type HttpMethod = "get" | "put" | "post" | "delete" | "options" | "head" | "patch";

/** A parameter in a path or query. */
export interface ApiParameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly type: "string" | "integer" | "boolean";
  readonly description?: string;
}

/** One thing that can be done at a path, in no version of the format yet. */
export interface ApiOperation {
  readonly method: HttpMethod;
  readonly id: string;
  readonly tag: string;
  readonly description: string;
  /** `x-kubernetes-action`; left out at paths that are no resources. */
  readonly action?: string;
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
  readonly parameters: readonly ApiParameter[];
  readonly body?: { readonly schema: SchemaNode; readonly isRequired: boolean; readonly mediaTypes: readonly string[] };
  /** Media types of bodies, for version 2. Default: those of `body`, else none are named. */
  readonly consumes?: readonly string[];
  /** Media types that every success is offered in. */
  readonly produces: readonly string[];
  /** What the answer is, for each code of success. */
  readonly successes: Readonly<Record<number, SchemaNode>>;
}

/** A path with everything that can be done there. */
export interface ApiPath {
  readonly path: string;
  readonly operations: readonly ApiOperation[];
}

/** What every answer may be offered in. */
export const objectMediaTypes = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

/** What watches may be offered in besides. */
export const watchMediaTypes = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];

/** Takes the parameters out that all operations of a path share. */
export function splitParameters(path: ApiPath): {
  readonly shared: readonly ApiParameter[];
  own(operation: ApiOperation): readonly ApiParameter[];
} {
  const [first, ...others] = path.operations;
  const isShared = (parameter: ApiParameter): boolean =>
    others.every((operation) => operation.parameters.some((candidate) => isSame(candidate, parameter)));
  const shared = (first?.parameters ?? []).filter(isShared);
  return {
    shared: sortParameters(shared),
    own: ({ parameters }) =>
      sortParameters(parameters.filter((parameter) => !shared.some((candidate) => isSame(candidate, parameter)))),
  };
}

function isSame(a: ApiParameter, b: ApiParameter): boolean {
  return a.name === b.name && a.in === b.in && a.description === b.description;
}

function sortParameters(parameters: readonly ApiParameter[]): readonly ApiParameter[] {
  return [...parameters].sort((a, b) => (a.name === b.name ? (a.in < b.in ? -1 : 1) : a.name < b.name ? -1 : 1));
}
