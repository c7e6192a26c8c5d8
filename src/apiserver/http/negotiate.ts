import { fromStatus, notAcceptable } from "../../api/status-error.ts";

/** Forms in which answers are written. */
export type Encoding = "json" | "yaml";

/** The form that a client gets. */
export interface MediaType {
  readonly encoding: Encoding;
  /** The whole answer as something else: a Table or bare metadata. */
  readonly as: Transform | undefined;
  readonly pretty: boolean;
}

/** An answer turned into another kind of the meta group. */
export interface Transform {
  readonly kind: "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";
  readonly version: "v1" | "v1beta1";
}

/** One alternative of an `Accept` header. */
export interface AcceptClause {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Media types in the order in which they are offered. */
export const encodings: readonly { readonly mediaType: string; readonly encoding: Encoding }[] = [
  { mediaType: "application/json", encoding: "json" },
  { mediaType: "application/yaml", encoding: "yaml" },
];

/** What routes take. Protobuf is not spoken yet, and refused later. */
const knownTypes: ReadonlySet<string> = new Set([
  ...encodings.map((offer) => offer.mediaType),
  "application/vnd.kubernetes.protobuf",
  "*/*",
]);

const watchMediaType = "application/json;stream=watch";

const jsonByDefault: MediaType = { encoding: "json", as: undefined, pretty: false };

/**
 * Chooses the form of an answer: the first alternative of the header that can be served.
 * @param options.isWatch YAML cannot be streamed
 * @param options.transforms whether the answer is an object or list that can be turned into a Table
 * @throws {StatusError} NotAcceptable when there is none
 */
export function negotiate(
  accept: string | undefined,
  options: { readonly isWatch?: boolean; readonly transforms?: boolean } = {},
): MediaType {
  if (accept === undefined || accept === "") return jsonByDefault;
  for (const clause of parseAccept(accept))
    for (const { mediaType, encoding } of encodings) {
      if (!covers(clause, mediaType)) continue;
      const chosen = accepted(clause, encoding, options);
      if (chosen !== undefined) return chosen;
    }
  throw notAcceptable(options.isWatch === true ? [watchMediaType] : encodings.map((offer) => offer.mediaType));
}

/**
 * Refuses a request that accepts nothing of what its path gives, whatever parameters it names.
 * @throws {StatusError} NotAcceptable, in the words of upstream's router
 */
export function checkAccepted(accept: string | undefined, isWatchable: boolean): void {
  if (accept === undefined || accept === "") return;
  const types = accept.split(",").map((range) => range.split(";")[0]?.trim());
  if (types.some((type) => type !== undefined && knownTypes.has(type))) return;
  const offers = [...encodings.map((offer) => offer.mediaType), ...(isWatchable ? [watchMediaType] : [])];
  const message = `406: Not Acceptable\n\nAvailable representations: ${offers.join(", ")}`;
  throw fromStatus({ ...notAcceptable([]).status, message, details: {} });
}

/** Reads an `Accept` header: best quality first, then in the order given, wildcards last. */
export function parseAccept(header: string): AcceptClause[] {
  return header
    .split(",")
    .map(parseClause)
    .filter((clause) => clause !== undefined)
    .sort((a, b) => b.quality - a.quality || wildness(a) - wildness(b));
}

function parseClause(text: string): AcceptClause | undefined {
  const [range = "", ...rest] = text.split(";").map((part) => part.trim());
  const [type = "", subtype = "*"] = range.split("/");
  if (type === "") return undefined;
  const parameters = new Map<string, string>();
  for (const part of rest) {
    const equals = part.indexOf("=");
    if (equals > 0) parameters.set(part.slice(0, equals), part.slice(equals + 1).replace(/^"(.*)"$/, "$1"));
  }
  const quality = Number(parameters.get("q") ?? "1");
  parameters.delete("q");
  return { type, subtype, quality: Number.isNaN(quality) ? 1 : quality, parameters };
}

function wildness({ type, subtype }: AcceptClause): number {
  return type === "*" ? 2 : subtype === "*" ? 1 : 0;
}

/** Whether a clause means a media type. */
export function covers({ type, subtype }: AcceptClause, mediaType: string): boolean {
  const [offeredType, offeredSubtype] = mediaType.split("/");
  return (type === "*" && subtype === "*") || (type === offeredType && (subtype === "*" || subtype === offeredSubtype));
}

/** The form that a clause asks for in an encoding; undefined when it cannot be had. */
function accepted(
  { parameters }: AcceptClause,
  encoding: Encoding,
  options: { readonly isWatch?: boolean; readonly transforms?: boolean },
): MediaType | undefined {
  const stream = parameters.get("stream") ?? "";
  if (stream !== "" && (stream !== "watch" || encoding === "yaml")) return undefined;
  if (options.isWatch === true && encoding === "yaml") return undefined;
  const pretty = parameters.get("pretty") === "1";
  const kind = parameters.get("as");
  const group = parameters.get("g");
  const version = parameters.get("v");
  if (kind === undefined && group === undefined && version === undefined) return { encoding, as: undefined, pretty };
  const isKnown = kind === "Table" || kind === "PartialObjectMetadata" || kind === "PartialObjectMetadataList";
  if (options.transforms !== true || !isKnown || group !== "meta.k8s.io") return undefined;
  if (version !== "v1" && version !== "v1beta1") return undefined;
  return { encoding, as: { kind, version }, pretty };
}

/**
 * Whether an answer is indented for people: when they ask for it, and for the usual browsers and command line tools.
 */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  const asked = query.get("pretty");
  if (asked !== null && asked !== "") return ["1", "t", "T", "TRUE", "true", "True"].includes(asked);
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(userAgent ?? "");
}
