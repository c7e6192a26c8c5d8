import { JsonSyntaxError, parseJson } from "../../api/json.ts";
import { isJsonObject } from "../../api/json-value.ts";
import { badRequest } from "../../api/status-error.ts";

/** Where the next page of a list begins. */
export interface ContinueToken {
  /** The revision that all pages show; undefined for whatever is newest. */
  readonly revision: number | undefined;
  /** The first key that may be on the page, below the kind's prefix. */
  readonly startKey: string;
}

const tokenVersion = "meta.k8s.io/v1";

/** Writes a token: base64 without padding of a small JSON object, as clients know it from elsewhere. */
export function encodeContinueToken({ revision, startKey }: ContinueToken): string {
  const json = JSON.stringify({ v: tokenVersion, rv: revision ?? -1, start: startKey });
  let binary = "";
  for (const byte of new TextEncoder().encode(json)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Reads a token.
 * @throws {StatusError} BadRequest when it is not one that this server wrote
 */
export function decodeContinueToken(text: string): ContinueToken {
  const { v, rv, start } = parse(text);
  if (v !== tokenVersion) throw unreadable(`: server does not recognize this encoded version ${String(v)}`);
  if (typeof rv !== "number" || !Number.isSafeInteger(rv) || rv === 0)
    throw unreadable(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (typeof start !== "string" || start === "") throw unreadable(": encoded start key empty (version meta.k8s.io/v1)");
  if (start.split("/").some((part, index) => part === "." || part === ".." || (part === "" && index > 0)))
    throw unreadable(`: ${start}`);
  return { revision: rv < 0 ? undefined : rv, startKey: start };
}

function parse(text: string): { v?: unknown; rv?: unknown; start?: unknown } {
  const bytes = decodeBase64(text);
  try {
    const { value } = parseJson(bytes);
    return isJsonObject(value) ? value : {};
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw unreadable(`: ${error.message}`);
    throw error;
  }
}

function decodeBase64(text: string): Uint8Array {
  const foreign = /[^A-Za-z0-9_-]/.exec(text)?.index;
  // A last character that is alone in its group of four holds no whole byte.
  const lonely = text.length % 4 === 1 ? text.length - 1 : undefined;
  const fault = foreign ?? lonely;
  if (fault !== undefined) throw unreadable(`: illegal base64 data at input byte ${fault}`);
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function unreadable(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid${why}`);
}
