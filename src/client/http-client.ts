import type { Input } from "../api/draft.ts";
import { encodeJsonBytes, parseJson } from "../api/json.ts";
import { isJsonObject } from "../api/json-value.ts";
import type { ApiObject } from "../api/metadata.ts";
import { apiVersionOf, type Resource } from "../api/resource.ts";
import { fromStatus } from "../api/status-error.ts";
import type { DeleteOptions, Status } from "../api/types/meta-v1.ts";
import { type Clock, sleep } from "../base/clock.ts";
import type { Client, ObjectKey, PatchType, WatchEvent, WriteOptions } from "./client.ts";
import { type Asked, retryAfterSeconds, statusErrorOf } from "./http-status.ts";
import {
  ConnectionError,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  readBody,
} from "./http-transport.ts";
import { createLineSplitter } from "./line-splitter.ts";
import { type AssumedKind, createObjectReader, type ObjectReader } from "./object-reader.ts";
import { resourcePath, withListOptions, withWatchOptions, withWriteOptions } from "./resource-path.ts";

export interface HttpClientOptions {
  readonly transport: HttpTransport;
  readonly clock: Clock;
  /** Who asks, for the server's logs: `k8ts/0.1.0 (linux/amd64)`. */
  readonly userAgent: string;
  /** Hears what the server warns of. Default: nobody. */
  readonly onWarning?: (message: string) => void;
}

/** How often a request is sent again that the server was too busy for. Source: client-go. */
const maxRetries = 10;

/** How long a read waits before it is sent again after its connection broke. Source: client-go. */
const reconnectMs = 1_000;

/** Longest event of a watch: an object may not be larger than a request, and this is ten times as much. */
const maxEventBytes = 32 * 1024 * 1024;

const patchMediaTypes: Readonly<Record<PatchType, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

/** Creates a client that speaks to an API server over HTTP. */
export function createHttpClient(options: HttpClientOptions): Client {
  const reader = createObjectReader();
  const call = createCaller(options);

  const send = async <T>(request: HttpRequest, asked: Asked, assumed: AssumedKind, signal?: AbortSignal): Promise<T> =>
    reader.read<T>(await readBody(await call(request, asked, signal)), assumed);

  return {
    get: (resource, key, signal) =>
      send(
        { method: "GET", path: resourcePath(resource, key) },
        { method: "GET", resource, name: key.name },
        kindOf(resource),
        signal,
      ),

    async list<T extends ApiObject>(resource: Resource<T>, listing = {}, signal?: AbortSignal) {
      const path = withListOptions(resourcePath(resource, listing), listing);
      const body = await readBody(await call({ method: "GET", path }, { method: "GET", resource }, signal));
      return readList<T>(reader, resource, body);
    },

    async *watch<T extends ApiObject>(resource: Resource<T>, watching: object, signal: AbortSignal) {
      const path = withWatchOptions(resourcePath(resource, watching), watching);
      try {
        const response = await call({ method: "GET", path }, { method: "GET", resource }, signal);
        yield* readEvents<T>(reader, resource, response);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },

    create<T>(
      resource: Resource<T>,
      object: Input<T>,
      writing: WriteOptions & { readonly namespace?: string; readonly name?: string } = {},
      signal?: AbortSignal,
    ) {
      const metadata = metadataOf(object);
      const { subresource } = writing;
      const name = subresource === undefined ? undefined : (writing.name ?? metadata.name);
      const target = { namespace: writing.namespace ?? metadata.namespace, name, subresource };
      const path = withWriteOptions(resourcePath(resource, target), writing);
      const body = encodeJsonBytes(subresource === undefined ? { ...kindOf(resource), ...object } : object);
      const asked = { method: "POST", resource, ...(name === undefined ? {} : { name }) };
      return send<T>({ method: "POST", path, headers: jsonBody, body }, asked, kindOf(resource), signal);
    },

    update(resource, object, writing = {}, signal) {
      const { name = "", namespace } = metadataOf(object);
      const target = { namespace, name, subresource: writing.subresource };
      const path = withWriteOptions(resourcePath(resource, target), writing);
      const body = encodeJsonBytes(writing.subresource === undefined ? { ...kindOf(resource), ...object } : object);
      const asked = { method: "PUT", resource, name };
      return send({ method: "PUT", path, headers: jsonBody, body }, asked, kindOf(resource), signal);
    },

    patch(resource, key, type, patch, writing = {}, signal) {
      const path = withWriteOptions(resourcePath(resource, { ...key, subresource: writing.subresource }), writing);
      const headers = { "content-type": patchMediaTypes[type] };
      const asked = { method: "PATCH", resource, name: key.name };
      return send({ method: "PATCH", path, headers, body: encodeJsonBytes(patch) }, asked, kindOf(resource), signal);
    },

    async delete<T extends ApiObject>(
      resource: Resource<T>,
      key: ObjectKey,
      deletion: Input<DeleteOptions> = {},
      signal?: AbortSignal,
    ) {
      const request = { method: "DELETE", path: resourcePath(resource, key), ...deletionBody(deletion) } as const;
      const asked = { method: "DELETE", resource, name: key.name };
      const answer = await send<T | Status>(request, asked, kindOf(resource), signal);
      return answer.kind === "Status" ? undefined : whileItLasts(answer as T);
    },

    async deleteCollection(resource, selection, deletion = {}, signal) {
      const path = withListOptions(resourcePath(resource, selection), selection);
      const request = { method: "DELETE", path, ...deletionBody(deletion) } as const;
      await readBody(await call(request, { method: "DELETE", resource }, signal));
    },

    getSubresource: (resource, key, subresource, signal) =>
      send(
        { method: "GET", path: resourcePath(resource, { ...key, subresource }) },
        { method: "GET", resource, name: key.name },
        kindOf(resource),
        signal,
      ),

    createSubresource: (resource, key, subresource, object, signal) =>
      send(
        {
          method: "POST",
          path: resourcePath(resource, { ...key, subresource }),
          headers: jsonBody,
          body: encodeJsonBytes(object),
        },
        { method: "POST", resource, name: key.name },
        kindOf(resource),
        signal,
      ),
  };
}

const jsonBody = { "content-type": "application/json" } as const;

type Caller = (request: HttpRequest, asked: Asked, signal?: AbortSignal) => Promise<HttpResponse>;

/** Sends requests until there is an answer other than that the server is busy; throws what it refuses with. */
function createCaller({ transport, clock, userAgent, onWarning }: HttpClientOptions): Caller {
  const attempt = async (request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse | ConnectionError> => {
    const headers = { accept: "application/json", "user-agent": userAgent, ...request.headers };
    try {
      return await transport.send({ ...request, headers }, signal);
    } catch (error) {
      if (error instanceof ConnectionError && mayRepeat(request, error)) return error;
      throw error;
    }
  };
  return async (request, asked, signal) => {
    for (let retries = 0; ; retries += 1) {
      const response = await attempt(request, signal);
      if (response instanceof ConnectionError) {
        if (retries >= maxRetries) throw response;
        await pause(clock, reconnectMs, signal);
        continue;
      }
      if (response.status < 300) {
        if (onWarning !== undefined) tellWarnings(response, onWarning);
        return response;
      }
      const body = await readBody(response);
      const seconds = retryAfterSeconds(response);
      const isBusy = response.status === 429 || response.status >= 500;
      if (!isBusy || seconds === undefined || retries >= maxRetries) throw statusErrorOf(response, body, asked);
      await pause(clock, seconds * 1000, signal);
    }
  };
}

/** Reads may be repeated when their connection broke under way, but not when there was none to be had. */
function mayRepeat({ method }: HttpRequest, { code, isUntouched }: ConnectionError): boolean {
  return isUntouched || (method === "GET" && code === "ECONNRESET");
}

async function pause(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(clock, delayMs, signal ?? new AbortController().signal);
}

/** `299 - "text"`: the text is what matters. */
const warningPattern = /\b299 \S+ "((?:[^"\\]|\\.)*)"/g;

function tellWarnings(response: HttpResponse, onWarning: (message: string) => void): void {
  for (const [, text = ""] of (response.header("warning") ?? "").matchAll(warningPattern))
    onWarning(text.replaceAll(/\\(.)/g, "$1"));
}

function readList<T extends ApiObject>(reader: ObjectReader, resource: Resource<T>, body: Uint8Array) {
  const { value } = parseJson(body);
  const list = isJsonObject(value) ? value : {};
  const metadata = isJsonObject(list["metadata"]) ? list["metadata"] : {};
  const items = Array.isArray(list["items"]) ? list["items"] : [];
  const next = metadata["continue"];
  return {
    items: items.map((item) => reader.complete<T>(item, kindOf(resource))),
    resourceVersion: String(metadata["resourceVersion"] ?? ""),
    ...(typeof next === "string" && next !== "" ? { continue: next } : {}),
  };
}

async function* readEvents<T extends ApiObject>(
  reader: ObjectReader,
  resource: Resource<T>,
  { body }: HttpResponse,
): AsyncGenerator<readonly WatchEvent<T>[]> {
  const splitter = createLineSplitter(maxEventBytes);
  for await (const chunk of body) {
    const batch: WatchEvent<T>[] = [];
    for (const line of splitter.push(chunk)) {
      const { value } = parseJson(line);
      if (!isJsonObject(value)) throw new Error("the server sent an event that is no object");
      if (value["type"] === "ERROR") {
        if (batch.length > 0) yield batch;
        throw fromStatus(value["object"] as unknown as Status);
      }
      batch.push(readEvent<T>(reader, resource, String(value["type"]), value["object"]));
    }
    if (batch.length > 0) yield batch;
  }
}

const initialEndAnnotation = "k8s.io/initial-events-end";

function readEvent<T extends ApiObject>(
  reader: ObjectReader,
  resource: Resource<T>,
  type: string,
  value: unknown,
): WatchEvent<T> {
  if (type === "BOOKMARK") {
    const { resourceVersion = "", annotations } = metadataOf(value);
    return { type, resourceVersion, initialEventsEnd: annotations?.[initialEndAnnotation] === "true" };
  }
  if (type !== "ADDED" && type !== "MODIFIED" && type !== "DELETED") throw new Error(`unknown watch event: ${type}`);
  return { type, object: reader.complete<T>(value, kindOf(resource)) };
}

/** The object while something still keeps it from going. Some kinds are answered with even when they are gone. */
function whileItLasts<T extends ApiObject>(object: T): T | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  const lasts = deletionTimestamp !== undefined && (deletionGracePeriodSeconds > 0 || finalizers.length > 0);
  return lasts ? object : undefined;
}

function deletionBody(options: Input<DeleteOptions>): Pick<HttpRequest, "headers" | "body"> {
  if (Object.keys(options).length === 0) return {};
  return { headers: jsonBody, body: encodeJsonBytes({ kind: "DeleteOptions", apiVersion: "v1", ...options }) };
}

function kindOf(resource: Pick<Resource, "group" | "version" | "kind">): AssumedKind {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind };
}

interface SomeMetadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly resourceVersion?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function metadataOf(object: unknown): SomeMetadata {
  return (object as { readonly metadata?: SomeMetadata | null } | undefined)?.metadata ?? {};
}
