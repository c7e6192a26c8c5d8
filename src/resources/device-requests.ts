import type { Draft } from "../api/draft.ts";
import type { DeviceClaim } from "../api/types/resource-v1.ts";

/** Fills in what requests for devices leave out: one of each. */
export function defaultDeviceClaim({ requests }: Draft<DeviceClaim>): void {
  for (const { exactly, firstAvailable } of requests ?? [])
    for (const request of [...(exactly === undefined ? [] : [exactly]), ...(firstAvailable ?? [])]) {
      request.allocationMode ||= "ExactCount";
      if (request.allocationMode === "ExactCount") request.count ||= 1;
    }
}
