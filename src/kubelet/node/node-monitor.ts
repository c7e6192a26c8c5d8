import { runtimeClasses } from "../../api/resources.ts";
import { notFound } from "../../api/status-error.ts";
import type { Node } from "../../api/types/core-v1.ts";
import type { RuntimeClass } from "../../api/types/node-v1.ts";
import type { Logger } from "../../base/log.ts";
import type { ObjectCache } from "../../client/informer.ts";
import type { EvictionThresholds } from "../eviction/thresholds.ts";
import { evictionReserve } from "../eviction/thresholds.ts";
import type { MachineCapacity, MachinePressure, NodeFacts } from "../node-facts.ts";
import type { NodeView } from "../pods/pod-context.ts";
import type { Image, Runtime, RuntimeStatus } from "../runtime.ts";
import type { NodeSettings } from "./node-settings.ts";
import { type NodePressure, type NodeStatusInput, networkFault, renderNodeStatus } from "./render-node.ts";

/** Knows how machine and runtime stand. */
export interface NodeMonitor {
  /** Looks at machine and runtime. @returns what the machine has left */
  refresh(): Promise<MachinePressure>;
  /** What the node's status is told from. */
  statusInput(pressure: NodePressure, images: readonly Image[]): NodeStatusInput;
  readonly view: NodeView;
  readonly capacity: MachineCapacity;
  readonly runtimeStatus: RuntimeStatus | undefined;
}

/** Until the machine has been looked at. */
const noCapacity: MachineCapacity = { cpuMillis: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };

/** Creates a monitor; `refresh` it before anything is asked of it. */
export function createNodeMonitor(options: {
  readonly facts: NodeFacts;
  readonly runtime: Pick<Runtime, "status">;
  readonly settings: NodeSettings;
  readonly thresholds: EvictionThresholds;
  readonly classes: () => ObjectCache<RuntimeClass>;
  readonly ownNode: () => Node | undefined;
  readonly logger: Logger;
}): NodeMonitor {
  const { facts, runtime, settings, thresholds, logger } = options;
  let capacity = noCapacity;
  let status: RuntimeStatus | undefined;
  let isDown = false;

  const askRuntime = async (): Promise<void> => {
    try {
      status = await runtime.status();
      if (isDown) logger.info("container runtime answers again");
      isDown = false;
    } catch (error) {
      if (!isDown) logger.error("container runtime does not answer", { error });
      isDown = true;
      status = undefined;
    }
  };
  const statusInput = (pressure: NodePressure, images: readonly Image[]): NodeStatusInput => ({
    info: facts.info,
    capacity,
    runtime: status,
    images,
    pressure,
    evictionReserve: evictionReserve(capacity, thresholds),
  });
  const noPressure: NodePressure = { memory: false, disk: false, pid: false };

  const view: NodeView = {
    hostIps: settings.nodeIps,
    get allocatable() {
      const known = options.ownNode()?.status.allocatable;
      return known ?? renderNodeStatus(settings, statusInput(noPressure, []), undefined, 0).allocatable ?? {};
    },
    get memoryBytes() {
      return capacity.memoryBytes;
    },
    get networkFault() {
      if (status === undefined) return "container runtime is down";
      return status.networkReady ? undefined : networkFault(status);
    },
    supportsRecursiveReadOnly: (handler) =>
      status?.handlers?.find(({ name }) => name === handler)?.recursiveReadOnlyMounts === true,
    runtimeHandler(pod) {
      const { runtimeClassName } = pod.spec;
      if (runtimeClassName === undefined || runtimeClassName === "") return "";
      const found = options.classes().get(runtimeClassName);
      if (found === undefined) throw notFound(runtimeClasses, runtimeClassName);
      return found.handler;
    },
    resolvConf: () => facts.resolvConf(),
    hostsFile: () => facts.hostsFile(),
  };

  return {
    async refresh() {
      const [read, left] = await Promise.all([facts.capacity(), facts.pressure(), askRuntime()]);
      capacity = read;
      return left;
    },
    statusInput,
    view,
    get capacity() {
      return capacity;
    },
    get runtimeStatus() {
      return status;
    },
  };
}
