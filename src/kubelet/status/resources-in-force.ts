import type { Container } from "../../api/types/core-v1.ts";
import { bytesOf, formatBytes, formatMillis, milliOf } from "../containers/amounts.ts";
import { cpuMillisOfQuota, cpuMillisOfShares, minCpuLimitMillis, minSharesMillis } from "../containers/cpu-shares.ts";
import type { ContainerResources } from "../runtime.ts";

/**
 * What a running container really has of cpu and memory, in place of what it was granted. Amounts too small for the
 * kernel to tell apart are shown as granted.
 * @param inForce as the runtime reports it; undefined when it does not, and then what was granted stands for it
 */
export function resourcesInForce(
  granted: Container["resources"],
  inForce: ContainerResources | undefined,
): Container["resources"] {
  if (inForce === undefined) return granted;
  const { limits, requests } = granted;
  const cpuLimit = cpuMillisOfQuota(inForce.cpuQuotaMicros, inForce.cpuPeriodMicros);
  const cpuRequest = cpuMillisOfShares(inForce.cpuShares);
  const showsLimit = cpuLimit > 0 && Math.max(cpuLimit, milliOf(limits?.cpu)) > minCpuLimitMillis;
  const showsRequest = cpuRequest > 0 && Math.max(cpuRequest, milliOf(requests?.cpu)) > minSharesMillis;
  const memory = inForce.memoryLimitBytes;
  return {
    ...granted,
    ...(limits === undefined
      ? {}
      : {
          limits: {
            ...limits,
            ...(showsLimit && cpuLimit !== milliOf(limits.cpu) ? { cpu: formatMillis(cpuLimit) } : {}),
            ...(memory > 0 && memory !== bytesOf(limits.memory) ? { memory: formatBytes(memory) } : {}),
          },
        }),
    ...(requests === undefined
      ? {}
      : {
          requests: {
            ...requests,
            ...(showsRequest && cpuRequest !== milliOf(requests.cpu) ? { cpu: formatMillis(cpuRequest) } : {}),
          },
        }),
  };
}
