import { decodeObject } from "../api/decode.ts";
import type { Draft, Input } from "../api/draft.ts";
import { servedKinds } from "../api/kinds.ts";
import type { ApiObject } from "../api/metadata.ts";
import { apiVersionOf, type Resource } from "../api/resource.ts";
import { createSchemaRegistry } from "../api/schema.ts";
import { definitionOf } from "../resources/catalog.ts";

const registry = createSchemaRegistry();

/**
 * An object as a client would receive it: complete and with the defaults of its kind. What is left out of `input`: name
 * `web`, namespace `default`, a uid made of kind and name, resource version and generation 1.
 */
export function buildObject<T extends ApiObject>(resource: Resource<T>, input: Input<T> = {} as Input<T>): T {
  const apiVersion = apiVersionOf(resource);
  const row = servedKinds.find((kind) => kind.plural === resource.plural && apiVersionOf(kind) === apiVersion);
  if (row?.type === undefined) throw new Error(`no kind ${resource.kind}`);
  const given = input as { readonly metadata?: Readonly<Record<string, unknown>> };
  const name = String(given.metadata?.["name"] ?? "web");
  const { object } = decodeObject<Draft<T>>(registry.struct(row.type), {
    ...(input as object),
    apiVersion,
    kind: resource.kind,
    metadata: {
      name,
      ...(resource.namespaced ? { namespace: "default" } : {}),
      uid: `uid-of-${resource.kind}-${name}`,
      resourceVersion: "1",
      generation: 1,
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...given.metadata,
    },
  });
  definitionOf(resource).applyDefaults?.(object);
  return object as T;
}
