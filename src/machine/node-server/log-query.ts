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
