import type { Container, ContainerStatus, Pod } from "../../api/types/core-v1.ts";
import type { LogOptions } from "../container-logs.ts";
import { Refusal } from "./access.ts";

/** What a request for a container's log asks for. */
export interface LogQuery {
  readonly options: LogOptions;
  readonly follow: boolean;
  readonly previous: boolean;
}

/** Reads the query of a log request. @throws {Refusal} in the kubelet's words */
export function parseLogQuery(query: URLSearchParams, nowMs: number): LogQuery {
  const number = (name: string, least: number): number | undefined => {
    const text = query.get(name);
    if (text === null || text === "") return undefined;
    if (!/^-?\d+$/.test(text)) throw new Refusal(400, `{"message": "Unable to decode query."}`);
    if (Number(text) < least) throw invalid();
    return Number(text);
  };
  const flag = (name: string): boolean => ["true", "1"].includes(query.get(name) ?? "");
  const tail = query.get("tail");
  const tailLines = tail === null || tail === "all" ? number("tailLines", 0) : number("tail", 0);
  const limitBytes = number("limitBytes", 1);
  const sinceSeconds = number("sinceSeconds", 1);
  const sinceTime = query.get("sinceTime");
  if (sinceSeconds !== undefined && sinceTime !== null) throw invalid();
  const sinceMs = sinceSeconds === undefined ? parseSince(sinceTime) : nowMs - sinceSeconds * 1_000;
  const streams = parseStreams(query.get("stream"));
  if (streams !== undefined && tailLines !== undefined) throw invalid();
  return {
    follow: flag("follow"),
    previous: flag("previous"),
    options: {
      timestamps: flag("timestamps"),
      ...(tailLines === undefined ? {} : { tailLines }),
      ...(limitBytes === undefined ? {} : { limitBytes }),
      ...(sinceMs === undefined ? {} : { sinceMs }),
      ...(streams === undefined ? {} : { streams }),
    },
  };
}

function invalid(): Refusal {
  return new Refusal(422, `{"message": "Invalid request."}`);
}

function parseSince(time: string | null): number | undefined {
  if (time === null || time === "") return undefined;
  const timeMs = Date.parse(time);
  if (Number.isNaN(timeMs)) throw new Refusal(400, `{"message": "Unable to decode query."}`);
  return timeMs;
}

function parseStreams(name: string | null): LogOptions["streams"] {
  switch (name) {
    case null:
    case "":
    case "All":
      return undefined;
    case "Stdout":
      return ["stdout"];
    case "Stderr":
      return ["stderr"];
    default:
      throw invalid();
  }
}

/**
 * The id of the container whose log is meant, by what the pod's status says.
 * @throws {Refusal} in the kubelet's words, for instance while the container waits to start
 */
export function findLoggedContainer(pod: Pod, container: string, previous: boolean): string {
  const where = `container "${container}" in pod "${pod.metadata.name}"`;
  if (!containersOf(pod).some((item) => item.name === container))
    throw new Refusal(404, `container "${container}" not found in pod "${pod.metadata.name}"`);
  const status = statusesOf(pod).find((item) => item.name === container);
  if (status === undefined) throw new Refusal(400, `${where} is not available`);
  const last = status.lastState.terminated?.containerID ?? "";
  const { running, terminated, waiting } = status.state;
  if (previous) {
    if (last === "") throw new Refusal(400, `previous terminated ${where} not found`);
    return bareId(last);
  }
  if (running !== undefined) return bareId(status.containerID ?? "");
  // The next one may have ended before it began: then the one before has the log.
  const ended = terminated?.containerID ?? "";
  if (ended !== "") return bareId(ended);
  if (last !== "") return bareId(last);
  if (terminated !== undefined || status.lastState.terminated !== undefined)
    throw new Refusal(400, `${where} is terminated`);
  if (waiting === undefined) throw new Refusal(400, `${where} is waiting to start - no logs yet`);
  throw new Refusal(400, `${where} is waiting to start: ${waitingWords[waiting.reason ?? ""] ?? waiting.reason ?? ""}`);
}

const waitingWords: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: "trying and failing to pull image",
};

function containersOf(pod: Pod): readonly Pick<Container, "name">[] {
  const { containers, initContainers, ephemeralContainers } = pod.spec;
  return [...(initContainers ?? []), ...(containers ?? []), ...(ephemeralContainers ?? [])];
}

function statusesOf(pod: Pod): readonly ContainerStatus[] {
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = pod.status;
  return [...(containerStatuses ?? []), ...(initContainerStatuses ?? []), ...(ephemeralContainerStatuses ?? [])];
}

/** `containerd://<id>` without what is before the id. */
function bareId(id: string): string {
  return id.slice(id.indexOf("://") < 0 ? 0 : id.indexOf("://") + 3);
}
