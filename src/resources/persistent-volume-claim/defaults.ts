import type { Draft } from "../../api/draft.ts";
import type { PersistentVolumeClaim } from "../../api/types/core-v1.ts";
import { roundAmounts } from "../resource-list.ts";

/** Fills in what a claim leaves out. */
export function defaultPersistentVolumeClaim({ spec, status }: Draft<PersistentVolumeClaim>): void {
  status.phase ??= "Pending";
  spec.volumeMode ??= "Filesystem";
  roundAmounts(spec.resources.limits);
  roundAmounts(spec.resources.requests);
  roundAmounts(status.capacity);
  roundAmounts(status.allocatedResources);
}
