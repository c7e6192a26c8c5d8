import type { JsonObject } from "../api/json-value.ts";
import type { SchemaRegistry } from "../api/schema.ts";
import { pathNotFound } from "../api/status-error.ts";
import { type Clock, formatTime } from "../base/clock.ts";
import { type Descriptions, noDescriptions } from "./openapi/descriptions.ts";
import { buildV2Document, buildV3Document, documentNames } from "./openapi/documents.ts";
import { encodeV2Document } from "./openapi/encode-v2.ts";
import type { PathHandler, PathRequest, PathResponse } from "./path-handler.ts";
import type { ResourceTable } from "./resource-table.ts";
import type { ServerVersion } from "./server-version.ts";

export { type Descriptions, noDescriptions } from "./openapi/descriptions.ts";

/** What documents need of the platform. */
export interface DocumentTools {
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  uncompress(bytes: Uint8Array): Promise<Uint8Array>;
  /** A hash of a text, in capital hex digits. */
  digest(text: string): string;
  /** Reads the descriptions; undefined when there are none. Called when the first document is asked for. */
  readDescriptions(): Promise<Descriptions | undefined>;
  /** Changes whenever the descriptions do. */
  readonly descriptionsStamp: string;
}

export interface OpenapiOptions {
  readonly table: ResourceTable;
  readonly schemas: SchemaRegistry;
  readonly tools: DocumentTools;
  readonly clock: Clock;
  readonly version: ServerVersion;
}

const v3Root = "/openapi/v3";
const jsonType = "application/json";
const v2ProtobufType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
const v2ProtobufTypes: ReadonlySet<string> = new Set([
  v2ProtobufType,
  "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
]);
const anyTypes: ReadonlySet<string> = new Set(["*/*", "application/*", jsonType]);

/** How long a document asked for by its hash may be kept. */
const immutableMs = 365 * 24 * 3600 * 1000;

/**
 * Publishes what the API looks like, as OpenAPI 2.0 and 3.0. A document is made when it is first asked for and kept
 * compressed; its hash tells from what it is made, so that telling the hashes makes no document.
 * Source: Kubernetes documentation, "The Kubernetes API", "OpenAPI interface definition".
 */
export function createOpenapiHandler(options: OpenapiOptions): PathHandler {
  const { table, schemas, tools, clock } = options;
  const { gitVersion } = options.version;
  const version = `${options.version.major}.${options.version.minor}`;
  const names = documentNames(table.all);
  const known = new Set(names);
  const documents = new Map<string, Promise<Uint8Array>>();
  let descriptions: Promise<Descriptions> | undefined;

  const hashOf = (name: string): string =>
    tools.digest(JSON.stringify([gitVersion, tools.descriptionsStamp, name, kindsIn(table, name)]));
  const source = async () => {
    descriptions ??= tools.readDescriptions().then((read) => read ?? noDescriptions);
    return { resources: table.all, schemas, descriptions: await descriptions, version };
  };
  const make = async (name: string): Promise<Uint8Array> => {
    const from = await source();
    if (name === "v2 protobuf") return tools.compress(encodeV2Document(buildV2Document(from) as JsonObject));
    const document = name === "v2" ? buildV2Document(from) : buildV3Document(name, from);
    return tools.compress(new TextEncoder().encode(JSON.stringify(document)));
  };
  const fetch = (name: string): Promise<Uint8Array> => {
    let document = documents.get(name);
    if (document === undefined) {
      document = make(name);
      documents.set(name, document);
      // A document that could not be made is tried again the next time.
      document.catch(() => documents.delete(name));
    }
    return document;
  };
  const send = async (
    request: PathRequest,
    name: string,
    type: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<PathResponse> => {
    if (request.header("if-none-match") === headers["etag"]) return { status: 304, headers, body: "" };
    const packed = await fetch(name);
    const isPacked = (request.header("accept-encoding") ?? "").split(",").some((coding) => coding.trim() === "gzip");
    return {
      status: 200,
      headers: { ...headers, "content-type": type, ...(isPacked ? { "content-encoding": "gzip" } : {}) },
      body: isPacked ? packed : await tools.uncompress(packed),
    };
  };
  const index = (): PathResponse => {
    const paths = Object.fromEntries(
      names.map((name) => [name, { serverRelativeURL: `${v3Root}/${name}?hash=${hashOf(name)}` }]),
    );
    return { status: 200, headers: { "content-type": jsonType }, body: JSON.stringify({ paths }) };
  };
  const sendV3 = (request: PathRequest, name: string): Promise<PathResponse> | PathResponse => {
    if (!known.has(name)) throw pathNotFound();
    if (!accepts(request, anyTypes)) return notAcceptable;
    const hash = hashOf(name);
    const headers = { etag: `"${hash}"`, vary: "Accept" };
    const wanted = request.query.get("hash");
    if (wanted === null) return send(request, name, jsonType, headers);
    if (wanted !== hash)
      return { status: 301, headers: { ...headers, location: `${v3Root}/${name}?hash=${hash}` }, body: "" };
    const expires = formatTime(clock.nowMs() + immutableMs);
    return send(request, name, jsonType, { ...headers, "cache-control": "public, immutable", expires });
  };
  const sendV2 = (request: PathRequest): Promise<PathResponse> | PathResponse => {
    const headers = { etag: `"${hashOf("v2")}"`, vary: "Accept" };
    if (accepts(request, v2ProtobufTypes)) return send(request, "v2 protobuf", v2ProtobufType, headers);
    return accepts(request, anyTypes) ? send(request, "v2", jsonType, headers) : notAcceptable;
  };

  return {
    paths: ["/openapi/v2", v3Root, `${v3Root}/`, `${v3Root}/*`],
    handle(request) {
      if (request.path === "/openapi/v2") return sendV2(request);
      if (request.path === v3Root || request.path === `${v3Root}/`) return index();
      return sendV3(request, request.path.slice(v3Root.length + 1).replace(/\/$/, ""));
    },
  };
}

const notAcceptable: PathResponse = { status: 406, headers: { vary: "Accept" }, body: "" };

/** Whether the first media type that this server can make is one of these; everything is, when nothing is asked for. */
function accepts(request: PathRequest, types: ReadonlySet<string>): boolean {
  const asked = (request.header("accept") ?? "").trim();
  if (asked === "") return types === anyTypes;
  const wanted = asked.split(",").map((type) => (type.split(";")[0] ?? "").trim());
  const first = wanted.find((type) => anyTypes.has(type) || v2ProtobufTypes.has(type));
  return first !== undefined && types.has(first);
}

/** What of the served kinds decides a document. */
function kindsIn(table: ResourceTable, name: string): readonly string[] {
  const isPart = ({ group, version }: { readonly group: string; readonly version: string }): boolean =>
    name === "v2" || name === (group === "" ? `api/${version}` : `apis/${group}/${version}`);
  return table.all.filter(({ resource }) => isPart(resource)).map(({ resource }) => resource.plural);
}
