import { many, mapOf, message, one } from "../../api/protobuf.ts";
import { imageSpec, int64Value, uint64Value } from "./runtime-messages.ts";

/** Messages of the image service and of statistics. Source: field numbers of the CRI API, package runtime.v1. */

const image = message("Image", {
  id: one(1, "string"),
  repoTags: many(2, "string"),
  repoDigests: many(3, "string"),
  size: one(4, "uint64"),
  uid: one(5, int64Value),
  username: one(6, "string"),
  spec: one(7, imageSpec),
  pinned: one(8, "bool"),
});
export const listImagesResponse = message("ListImagesResponse", { images: many(1, image) });
export const imageRequest = message("ImageRequest", { image: one(1, imageSpec) });
export const imageStatusResponse = message("ImageStatusResponse", { image: one(1, image) });

export const pullImageRequest = message("PullImageRequest", {
  image: one(1, imageSpec),
  auth: one(
    2,
    message("Auth", {
      username: one(1, "string"),
      password: one(2, "string"),
      auth: one(3, "string"),
      serverAddress: one(4, "string"),
    }),
  ),
});
export const pullImageResponse = message("PullImageResponse", { imageRef: one(1, "string") });

const filesystemUsage = message("FilesystemUsage", {
  timestamp: one(1, "int64"),
  fsId: one(2, message("FsId", { mountpoint: one(1, "string") })),
  usedBytes: one(3, uint64Value),
  inodesUsed: one(4, uint64Value),
});
export const imageFsInfoResponse = message("ImageFsInfoResponse", { imageFilesystems: many(1, filesystemUsage) });

const cpuUsage = message("CpuUsage", {
  timestamp: one(1, "int64"),
  usageCoreNanoSeconds: one(2, uint64Value),
  usageNanoCores: one(3, uint64Value),
});
const memoryUsage = message("MemoryUsage", {
  timestamp: one(1, "int64"),
  workingSetBytes: one(2, uint64Value),
  availableBytes: one(3, uint64Value),
  usageBytes: one(4, uint64Value),
  rssBytes: one(5, uint64Value),
  pageFaults: one(6, uint64Value),
  majorPageFaults: one(7, uint64Value),
});
export const containerStats = message("ContainerStats", {
  attributes: one(1, message("Attributes", { id: one(1, "string"), labels: mapOf(3, "string") })),
  cpu: one(2, cpuUsage),
  memory: one(3, memoryUsage),
  writableLayer: one(4, filesystemUsage),
});
export const listContainerStatsResponse = message("ListContainerStatsResponse", { stats: many(1, containerStats) });

export const podSandboxStats = message("PodSandboxStats", {
  attributes: one(1, message("Attributes", { id: one(1, "string"), labels: mapOf(3, "string") })),
  linux: one(
    2,
    message("Linux", {
      cpu: one(1, cpuUsage),
      memory: one(2, memoryUsage),
      network: one(
        3,
        message("Network", {
          timestamp: one(1, "int64"),
          defaultInterface: one(
            2,
            message("DefaultInterface", {
              name: one(1, "string"),
              rxBytes: one(2, uint64Value),
              rxErrors: one(3, uint64Value),
              txBytes: one(4, uint64Value),
              txErrors: one(5, uint64Value),
            }),
          ),
        }),
      ),
      process: one(4, message("Process", { timestamp: one(1, "int64"), processCount: one(2, uint64Value) })),
      containers: many(5, containerStats),
    }),
  ),
});
export const podSandboxStatsResponse = message("PodSandboxStatsResponse", { stats: one(1, podSandboxStats) });
