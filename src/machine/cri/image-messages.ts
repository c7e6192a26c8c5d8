import { bool, int64, many, message, one, string, stringMap, strings, uint64 } from "../wire/message.ts";
import { imageSpec, int64Value, uint64Value } from "./runtime-messages.ts";

/** Messages of the image service and of statistics. Source: field numbers of the CRI API, package runtime.v1. */

const image = message({
  id: string(1),
  repoTags: strings(2),
  repoDigests: strings(3),
  size: uint64(4),
  uid: one(5, int64Value),
  username: string(6),
  spec: one(7, imageSpec),
  pinned: bool(8),
});
export const listImagesResponse = message({ images: many(1, image) });
export const imageRequest = message({ image: one(1, imageSpec) });
export const imageStatusResponse = message({ image: one(1, image) });

export const pullImageRequest = message({
  image: one(1, imageSpec),
  auth: one(2, message({ username: string(1), password: string(2), auth: string(3), serverAddress: string(4) })),
});
export const pullImageResponse = message({ imageRef: string(1) });

const filesystemUsage = message({
  timestamp: int64(1),
  fsId: one(2, message({ mountpoint: string(1) })),
  usedBytes: one(3, uint64Value),
  inodesUsed: one(4, uint64Value),
});
export const imageFsInfoResponse = message({ imageFilesystems: many(1, filesystemUsage) });

const cpuUsage = message({
  timestamp: int64(1),
  usageCoreNanoSeconds: one(2, uint64Value),
  usageNanoCores: one(3, uint64Value),
});
const memoryUsage = message({
  timestamp: int64(1),
  workingSetBytes: one(2, uint64Value),
  availableBytes: one(3, uint64Value),
  usageBytes: one(4, uint64Value),
  rssBytes: one(5, uint64Value),
  pageFaults: one(6, uint64Value),
  majorPageFaults: one(7, uint64Value),
});
export const containerStats = message({
  attributes: one(1, message({ id: string(1), labels: stringMap(3) })),
  cpu: one(2, cpuUsage),
  memory: one(3, memoryUsage),
  writableLayer: one(4, filesystemUsage),
});
export const listContainerStatsResponse = message({ stats: many(1, containerStats) });

export const podSandboxStats = message({
  attributes: one(1, message({ id: string(1), labels: stringMap(3) })),
  linux: one(
    2,
    message({
      cpu: one(1, cpuUsage),
      memory: one(2, memoryUsage),
      network: one(
        3,
        message({
          timestamp: int64(1),
          defaultInterface: one(
            2,
            message({
              name: string(1),
              rxBytes: one(2, uint64Value),
              rxErrors: one(3, uint64Value),
              txBytes: one(4, uint64Value),
              txErrors: one(5, uint64Value),
            }),
          ),
        }),
      ),
      process: one(4, message({ timestamp: int64(1), processCount: one(2, uint64Value) })),
      containers: many(5, containerStats),
    }),
  ),
});
export const podSandboxStatsResponse = message({ stats: one(1, podSandboxStats) });
