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
  if (!/^[A-Za-z0-9_-]+$/.test(text)) {
    const at = /[^A-Za-z0-9_-]/.exec(text)?.index ?? 0;
    throw unreadable(`: illegal base64 data at input byte ${at}`);
  }
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === "object" && value !== null) return value;
  } catch (error) {
    throw unreadable(`: ${(error as Error).message}`);
  }
  throw unreadable("");
}

function unreadable(why: string): Error {
  return badRequest(`invalid continue token: continue key is not valid${why}`);
}
