import { goQuote } from "../api/go-quote.ts";
import type { Pod, PodStatus } from "../api/types/core-v1.ts";
import { findContainer, findContainerStatus } from "../resources/pod-status.ts";
import { podLogDirectory } from "./containers/sandbox-config.ts";
import { activeSandbox, latestContainer, type ObservedPod } from "./pods/observed-pod.ts";
import type { PodWorkers } from "./pods/pod-workers.ts";
import type { RuntimeCache } from "./pods/runtime-cache.ts";
import type { ContainerState } from "./runtime.ts";
import { runtimeIdOf } from "./status/container-state.ts";
import type { StatusManager } from "./status/status-manager.ts";

/** What the node's server needs to know to answer for its pods. Nothing here touches the runtime. */
export interface NodeApi {
  /** The pods of the node with the status that the agent knows. */
  pods(): readonly Pod[];
  /** Pods whose containers may run. */
  runningPods(): readonly Pod[];
  /** Which log to read. @throws {NodeApiError} in the words that `kubectl logs` shows */
  findLog(request: ContainerRequest & { readonly previous: boolean }): LogTarget;
  /** Which container to run a command in. @throws {NodeApiError} */
  findExec(request: ContainerRequest): { readonly containerId: string };
  /** Which container to attach to, and whether it has a terminal. @throws {NodeApiError} */
  findAttach(request: ContainerRequest): {
    readonly containerId: string;
    readonly tty: boolean;
    readonly stdin: boolean;
  };
  /** Which sandbox to reach ports of. @throws {NodeApiError} */
  findPortForward(request: PodRequest): { readonly sandboxId: string };
}

/** Names a pod, and where it matters which of several that bore the name. */
export interface PodRequest {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
}

export interface ContainerRequest extends PodRequest {
  readonly container: string;
}

/** The log of one attempt of a container. */
export interface LogTarget {
  readonly containerId: string;
  readonly path: string;
  /** The container still writes to it. */
  readonly isRunning: boolean;
}

/** A request that cannot be met; `message` is upstream's. */
export class NodeApiError extends Error {
  override readonly name = "NodeApiError";
  /** `notFound` for pods and containers that are not here, `badRequest` for what makes no sense now. */
  readonly code: "notFound" | "badRequest" | "internal";

  constructor(code: NodeApiError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Creates the view of what an agent knows. */
export function createNodeApi(options: {
  readonly cache: RuntimeCache;
  readonly status: StatusManager;
  readonly workers: PodWorkers;
  readonly logRoot: string;
}): NodeApi {
  const { cache, status, workers, logRoot } = options;
  const find = ({ namespace, name, uid }: PodRequest): Pod | undefined =>
    workers
      .all()
      .find(
        ({ metadata }) =>
          metadata.namespace === namespace &&
          metadata.name === name &&
          (uid === undefined || uid === "" || metadata.uid === uid),
      );
  const statusOf = (pod: Pod): PodStatus => status.get(pod.metadata.uid) ?? pod.status;
  const demand = (request: PodRequest): Pod => {
    const pod = find(request);
    if (pod === undefined) throw new NodeApiError("notFound", "pod does not exist");
    return pod;
  };
  const running = (pod: Pod, name: string): ContainerState | undefined => {
    const latest = latestContainer(cache.observe(pod.metadata.uid), name);
    return latest?.state === "running" ? latest : undefined;
  };

  return {
    pods: () => workers.all().map((pod) => ({ ...pod, status: statusOf(pod) })),
    runningPods: () => workers.active().map((pod) => ({ ...pod, status: statusOf(pod) })),
    findLog(request) {
      const { name, container, previous } = request;
      const pod = find(request);
      if (pod === undefined) throw new NodeApiError("notFound", `pod ${goQuote(name)} does not exist`);
      if (findContainer(pod.spec, container) === undefined)
        throw new NodeApiError("notFound", `container ${goQuote(container)} not found in pod ${goQuote(name)}`);
      const id = chooseLog(name, statusOf(pod), container, previous);
      return locateLog(pod, id, container, cache.observe(pod.metadata.uid), logRoot);
    },
    findExec(request) {
      const found = running(demand(request), request.container);
      if (found === undefined)
        throw new NodeApiError("internal", `container not found (${goQuote(request.container)})`);
      return { containerId: found.id };
    },
    findAttach(request) {
      const { name, namespace, container } = request;
      const pod = demand(request);
      const found = running(pod, container);
      const spec = findContainer(pod.spec, container);
      if (found === undefined || spec === undefined)
        throw new NodeApiError("internal", `container ${container} not found in pod ${name}_${namespace}`);
      return { containerId: found.id, tty: spec.tty === true, stdin: spec.stdin === true };
    },
    findPortForward(request) {
      const sandbox = activeSandbox(cache.observe(demand(request).metadata.uid));
      if (sandbox === undefined)
        throw new NodeApiError("internal", `pod not found (${goQuote(`${request.name}_${request.namespace}`)})`);
      return { sandboxId: sandbox.id };
    },
  };
}

/** Which attempt's log is meant. @throws {NodeApiError} when there is none, and why */
function chooseLog(podName: string, status: PodStatus, name: string, previous: boolean): string {
  const subject = `container ${goQuote(name)} in pod ${goQuote(podName)}`;
  const refuse = (message: string): NodeApiError => new NodeApiError("badRequest", message);
  const found = findContainerStatus(status, name);
  if (found === undefined) throw refuse(`${subject} is not available`);
  const { waiting, running, terminated } = found.state;
  const last = found.lastState.terminated?.containerID ?? "";
  if (previous) {
    if (last === "") throw refuse(`previous terminated ${subject} not found`);
    return runtimeIdOf(last);
  }
  if (running !== undefined) return runtimeIdOf(found.containerID ?? "");
  if (terminated !== undefined || found.lastState.terminated !== undefined) {
    const own = terminated?.containerID ?? "";
    const id = own === "" ? last : own;
    if (id === "") throw refuse(`${subject} is terminated`);
    return runtimeIdOf(id);
  }
  const reason = waiting?.reason;
  if (waiting === undefined) throw refuse(`${subject} is waiting to start - no logs yet`);
  if (reason === "ErrImagePull") throw refuse(`${subject} is waiting to start: image can't be pulled`);
  if (reason === "ImagePullBackOff") throw refuse(`${subject} is waiting to start: trying and failing to pull image`);
  throw refuse(`${subject} is waiting to start: ${reason ?? ""}`);
}

/** The log's path as the runtime tells it; where the runtime has forgotten the container, where it must be. */
function locateLog(pod: Pod, id: string, name: string, observed: ObservedPod, logRoot: string): LogTarget {
  const container = observed.containers.find((entry) => entry.id === id);
  if (container !== undefined)
    return { containerId: id, path: container.logPath, isRunning: container.state === "running" };
  const restarts = findContainerStatus(pod.status, name)?.restartCount ?? 0;
  return { containerId: id, path: `${podLogDirectory(pod, logRoot)}/${name}/${restarts}.log`, isRunning: false };
}
