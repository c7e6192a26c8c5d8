import { parseJson } from "../api/json.ts";
import { isJsonObject } from "../api/json-value.ts";
import { groupResourceName, type Resource } from "../api/resource.ts";
import { fromStatus, type StatusError, type StatusReason } from "../api/status-error.ts";
import type { Status } from "../api/types/meta-v1.ts";

/** What was asked for, for messages about refusals that do not say. */
export interface Asked {
  readonly method: string;
  readonly resource?: Pick<Resource, "group" | "plural">;
  readonly name?: string;
}

/** A refusal as an error. A server that speaks another language than the API's is interpreted as upstream's client does. */
export function statusErrorOf(
  response: { readonly status: number; header(name: string): string | undefined },
  body: Uint8Array,
  asked: Asked,
): StatusError {
  const status = readStatus(body);
  if (status !== undefined) return fromStatus(status);
  const isText = (response.header("content-type") ?? "").startsWith("text/");
  const words = isText ? decoder.decode(body).trim() : "unknown";
  return fromStatus(genericStatus(response.status, words, retryAfterSeconds(response) ?? 0, asked));
}

/** After how many seconds the server wants to be asked again. */
export function retryAfterSeconds(response: { header(name: string): string | undefined }): number | undefined {
  const text = response.header("retry-after") ?? "";
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}

const decoder = new TextDecoder();

function readStatus(body: Uint8Array): Status | undefined {
  try {
    const { value } = parseJson(body);
    const isStatus = isJsonObject(value) && value["kind"] === "Status" && typeof value["message"] !== "object";
    return isStatus ? (value as unknown as Status) : undefined;
  } catch {
    // Not the API's language: the caller makes of it what it can.
    return undefined;
  }
}

const reasons: Readonly<Record<number, readonly [StatusReason, string]>> = {
  400: ["BadRequest", "the server rejected our request for an unknown reason"],
  401: ["Unauthorized", "the server has asked for the client to provide credentials"],
  404: ["NotFound", "the server could not find the requested resource"],
  405: ["MethodNotAllowed", "the server does not allow this method on the requested resource"],
  409: ["Conflict", "the server reported a conflict"],
  422: ["Invalid", "the server rejected our request due to an error in our request"],
  429: ["TooManyRequests", "the server has received too many requests and has asked us to try again later"],
  503: ["ServiceUnavailable", "the server is currently unable to handle the request"],
  504: [
    "Timeout",
    "the server was unable to return a response in the time allotted, but may still be processing the request",
  ],
};

function explain(code: number, words: string, { method }: Asked): readonly [StatusReason, string] {
  if (code === 409 && method === "POST") return ["AlreadyExists", "the server reported a conflict"];
  if (code === 403) return ["Forbidden", words];
  if (code === 415) return ["UnsupportedMediaType", words];
  if (code === 406) {
    const unsupported = "the server was unable to respond with a content type that the client supports";
    return ["NotAcceptable", words === "unknown" ? unsupported : words];
  }
  const known = reasons[code];
  if (known !== undefined) return known;
  if (code >= 500)
    return [
      "InternalError",
      `an error on the server (${JSON.stringify(words)}) has prevented the request from succeeding`,
    ];
  return ["Unknown", `the server responded with the status code ${code} but did not return more information`];
}

function genericStatus(code: number, words: string, retrySeconds: number, asked: Asked): Status {
  const [reason, message] = explain(code, words, asked);
  const { resource, name } = asked;
  const what = resource === undefined ? "" : [groupResourceName(resource), name].filter(Boolean).join(" ");
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: what === "" ? message : `${message} (${asked.method.toLowerCase()} ${what})`,
    reason,
    details: {
      ...(name === undefined ? {} : { name }),
      ...(resource === undefined ? {} : { group: resource.group, kind: resource.plural }),
      causes: [{ reason: "UnexpectedServerResponse", message: words }],
      ...(retrySeconds === 0 ? {} : { retryAfterSeconds: retrySeconds }),
    },
    code,
  };
}
