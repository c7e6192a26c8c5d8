import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import type { Informer, Informers } from "../client/informer.ts";

/**
 * The objects in the cluster as security and admission look at them: in memory, shared, frozen, and current to the
 * last acknowledged write of this server. Every `Informers` is one; the server's own reads its watch cache directly.
 */
export interface LiveObjects extends Pick<Informers, "addIndex"> {
  of<T extends ApiObject>(resource: Resource<T>): Pick<Informer<T>, "cache" | "onChange">;
}
