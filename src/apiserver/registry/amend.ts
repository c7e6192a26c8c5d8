import type { ApiObject } from "../../api/metadata.ts";
import { conflict, notFound } from "../../api/status-error.ts";
import type { ServedResource } from "../resource-table.ts";
import type { StoredObject } from "../stored-object.ts";
import type { RegistryParts } from "./registry-parts.ts";
import { keyIn, type ObjectDraft } from "./write-request.ts";

/** Times that a change is made anew because another write came between. */
const maxAttempts = 20;

/**
 * Changes a stored object on the server's own account: nothing is defaulted, admitted or validated.
 * @param change gives the new object, made from the current one, which it must not change
 * @throws {StatusError} NotFound, Conflict, and what `change` throws
 */
export function amendObject<T extends ApiObject>(
  parts: RegistryParts,
  served: ServedResource,
  place: { readonly namespace: string; readonly name: string },
  change: (current: T) => T,
  dryRun: boolean,
): Promise<StoredObject> {
  const key = keyIn(served, place.namespace, place.name);
  return parts.serial.run(served.keyPrefix + key, async () => {
    for (let attempt = 1; ; attempt += 1) {
      const current = parts.cache.of(served).get(key);
      if (current === undefined) throw notFound(served.resource, place.name);
      const draft = { ...change(current.value as T) } as unknown as ObjectDraft;
      if (dryRun) return parts.writer.pretend(served, key, draft, current.value.metadata.resourceVersion);
      const stored = await parts.writer.put(served, key, draft, current.revision);
      if (stored !== undefined) return stored;
      if (attempt === maxAttempts) throw conflict(served.resource, place.name);
    }
  });
}
