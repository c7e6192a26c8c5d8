import { encodeJson } from "../../api/json.ts";
import { methodNotAllowed } from "../../api/status-error.ts";
import { encodeYaml } from "../../api/yaml.ts";
import type { PathRequest, PathResponse } from "../path-handler.ts";
import { prettyJson } from "./list-body.ts";
import { negotiate, wantsPretty } from "./negotiate.ts";

/**
 * Answers a plain path with an object, in the form that the client accepts.
 * @throws {StatusError} NotAcceptable
 */
export function renderResponse(request: PathRequest, value: object): PathResponse {
  const mediaType = negotiate(request.header("accept"));
  if (mediaType.encoding === "yaml")
    return { status: 200, headers: { "content-type": "application/yaml" }, body: encodeYaml(value) };
  const isPretty = mediaType.pretty || wantsPretty(request.query, request.header("user-agent"));
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: isPretty ? prettyJson(value) : `${encodeJson(value)}\n`,
  };
}

/** @throws {StatusError} MethodNotAllowed for anything but reading */
export function requireGet(request: PathRequest): void {
  if (request.method !== "GET") throw methodNotAllowed();
}
