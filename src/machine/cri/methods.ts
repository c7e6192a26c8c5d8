import { unary } from "./channel.ts";
import {
  imageFsInfoResponse,
  imageRequest,
  imageStatusResponse,
  listContainerStatsResponse,
  listImagesResponse,
  podSandboxStatsResponse,
  pullImageRequest,
  pullImageResponse,
} from "./image-messages.ts";
import * as runtime from "./runtime-messages.ts";

/** A call answers within this time or has failed; what waits for containers or registries has its own. */
const usualTimeoutMs = 120_000;

const runtimeService = "/runtime.v1.RuntimeService";
const imageService = "/runtime.v1.ImageService";

/** The calls that this node makes, each with its longest time. Source: Container Runtime Interface, runtime.v1. */
export const methods = {
  version: unary(`${runtimeService}/Version`, runtime.versionRequest, runtime.versionResponse, 10_000),
  status: unary(`${runtimeService}/Status`, runtime.statusRequest, runtime.statusResponse, 10_000),
  runPodSandbox: unary(
    `${runtimeService}/RunPodSandbox`,
    runtime.runPodSandboxRequest,
    runtime.sandboxId,
    // Twice the usual: it may have to wait for the network plugins.
    2 * usualTimeoutMs,
  ),
  stopPodSandbox: unary(`${runtimeService}/StopPodSandbox`, runtime.sandboxId, runtime.empty, usualTimeoutMs),
  removePodSandbox: unary(`${runtimeService}/RemovePodSandbox`, runtime.sandboxId, runtime.empty, usualTimeoutMs),
  podSandboxStatus: unary(
    `${runtimeService}/PodSandboxStatus`,
    runtime.podSandboxStatusRequest,
    runtime.podSandboxStatusResponse,
    usualTimeoutMs,
  ),
  listPodSandbox: unary(
    `${runtimeService}/ListPodSandbox`,
    runtime.listPodSandboxRequest,
    runtime.listPodSandboxResponse,
    usualTimeoutMs,
  ),
  createContainer: unary(
    `${runtimeService}/CreateContainer`,
    runtime.createContainerRequest,
    runtime.containerId,
    usualTimeoutMs,
  ),
  startContainer: unary(`${runtimeService}/StartContainer`, runtime.containerId, runtime.empty, usualTimeoutMs),
  /** The grace period is added to the longest time. */
  stopContainer: unary(`${runtimeService}/StopContainer`, runtime.stopContainerRequest, runtime.empty, usualTimeoutMs),
  removeContainer: unary(`${runtimeService}/RemoveContainer`, runtime.containerId, runtime.empty, usualTimeoutMs),
  listContainers: unary(
    `${runtimeService}/ListContainers`,
    runtime.listContainersRequest,
    runtime.listContainersResponse,
    usualTimeoutMs,
  ),
  containerStatus: unary(
    `${runtimeService}/ContainerStatus`,
    runtime.containerStatusRequest,
    runtime.containerStatusResponse,
    usualTimeoutMs,
  ),
  updateContainerResources: unary(
    `${runtimeService}/UpdateContainerResources`,
    runtime.updateContainerResourcesRequest,
    runtime.empty,
    usualTimeoutMs,
  ),
  reopenContainerLog: unary(`${runtimeService}/ReopenContainerLog`, runtime.containerId, runtime.empty, usualTimeoutMs),
  /** The command's own time is added to the longest time. */
  execSync: unary(`${runtimeService}/ExecSync`, runtime.execSyncRequest, runtime.execSyncResponse, usualTimeoutMs),
  exec: unary(`${runtimeService}/Exec`, runtime.execRequest, runtime.streamingResponse, usualTimeoutMs),
  attach: unary(`${runtimeService}/Attach`, runtime.attachRequest, runtime.streamingResponse, usualTimeoutMs),
  portForward: unary(
    `${runtimeService}/PortForward`,
    runtime.portForwardRequest,
    runtime.streamingResponse,
    usualTimeoutMs,
  ),
  listContainerStats: unary(
    `${runtimeService}/ListContainerStats`,
    runtime.empty,
    listContainerStatsResponse,
    usualTimeoutMs,
  ),
  podSandboxStats: unary(
    `${runtimeService}/PodSandboxStats`,
    runtime.sandboxId,
    podSandboxStatsResponse,
    usualTimeoutMs,
  ),
  listImages: unary(`${imageService}/ListImages`, runtime.empty, listImagesResponse, usualTimeoutMs),
  imageStatus: unary(`${imageService}/ImageStatus`, imageRequest, imageStatusResponse, usualTimeoutMs),
  /** Upstream leaves pulls without end; the runtime itself gives up when nothing arrives for a minute. */
  pullImage: unary(`${imageService}/PullImage`, pullImageRequest, pullImageResponse, 3_600_000),
  removeImage: unary(`${imageService}/RemoveImage`, imageRequest, runtime.empty, usualTimeoutMs),
  imageFsInfo: unary(`${imageService}/ImageFsInfo`, runtime.empty, imageFsInfoResponse, usualTimeoutMs),
} as const;
