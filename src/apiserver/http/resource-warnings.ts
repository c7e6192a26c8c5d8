import { groupResourceName } from "../../api/resource.ts";
import type { DeleteOptions } from "../../api/types/meta-v1.ts";
import type { ServedResource } from "../resource-table.ts";

/** Kinds that will not stay. Source: kube-apiserver v1.36. */
const deprecations: ReadonlyMap<string, string> = new Map([
  ["componentstatuses", "v1 ComponentStatus is deprecated in v1.19+"],
  ["endpoints", "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"],
]);

/** Kinds that leave their dependants behind when a delete does not say what becomes of them. */
const orphanings: ReadonlyMap<string, string> = new Map([
  [
    "jobs.batch",
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or " +
      "set propagationPolicy=Orphan to suppress this warning",
  ],
]);

/** What everyone is warned of who uses a kind. */
export function deprecationOf({ resource }: ServedResource): string | undefined {
  return deprecations.get(groupResourceName(resource));
}

/** What a delete is warned of. */
export function orphaningOf({ resource }: ServedResource, options: DeleteOptions): string | undefined {
  const isDecided = options.propagationPolicy !== undefined || options.orphanDependents !== undefined;
  return isDecided ? undefined : orphanings.get(groupResourceName(resource));
}
