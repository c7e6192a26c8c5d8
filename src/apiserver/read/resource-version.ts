import { goQuote } from "../../api/go-quote.ts";
import { badRequest } from "../../api/status-error.ts";

/**
 * The revision that a `resourceVersion` parameter names; 0 for any, undefined when it is left out.
 * @throws {StatusError} BadRequest when it is not a number
 */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const revision = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(revision)) return revision;
  const why = /^[0-9]+$/.test(text) ? "value out of range" : "invalid syntax";
  const quoted = goQuote(text);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`,
  );
}
