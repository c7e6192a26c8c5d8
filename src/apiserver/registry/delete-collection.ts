import { hasReason } from "../../api/status-error.ts";
import type { DeleteOptions } from "../../api/types/meta-v1.ts";
import type { ListPage } from "../read/list.ts";
import { deleteObject } from "./delete.ts";
import type { RegistryParts } from "./registry-parts.ts";
import type { WriteRequest } from "./write-request.ts";

/** Objects that are deleted at the same time: each waits for the disk. */
const deletesAtOnce = 64;

/**
 * Deletes each object of a page. Not one step: some may be gone when a later one fails.
 * @throws {StatusError} the first failure, but for objects that are gone already
 */
export async function deleteCollection(
  parts: RegistryParts,
  request: WriteRequest,
  page: ListPage,
  options: DeleteOptions,
): Promise<void> {
  for (let start = 0; start < page.objects.length; start += deletesAtOnce) {
    request.signal.throwIfAborted();
    const some = page.objects.slice(start, start + deletesAtOnce);
    await Promise.all(
      some.map(async ({ namespace, name }) => {
        const attributes = { ...request.attributes, namespace, name };
        try {
          await deleteObject(parts, { ...request, attributes }, options);
        } catch (error) {
          if (!hasReason(error, "NotFound")) throw error;
        }
      }),
    );
  }
}
