import type { ObjectKey } from "./client.ts";

/** Names an object to the client: its name, and its namespace where it has one. */
export function objectKey(object: {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}): ObjectKey {
  const { name, namespace } = object.metadata;
  return namespace === undefined ? { name } : { namespace, name };
}
