import { goQuote } from "../../api/go-quote.ts";
import { badRequest, unknownFailure } from "../../api/status-error.ts";

/**
 * The revision that the `resourceVersion` parameter of a list or watch names; 0 for any, undefined when it is left out.
 * @throws {StatusError} BadRequest when it is not a number
 */
export function parseResourceVersion(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const revision = revisionIn(text);
  if (revision === undefined) throw badRequest(`invalid resource version: ${faultOf(text)}`);
  return revision;
}

/**
 * The same for a get, which upstream fails without a reason.
 * @throws {StatusError} with code 500 when it is not a number
 */
export function parseVersionOfGet(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const revision = revisionIn(text);
  if (revision === undefined) throw unknownFailure(faultOf(text));
  return revision;
}

function revisionIn(text: string): number | undefined {
  const revision = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(revision) ? revision : undefined;
}

function faultOf(text: string): string {
  const why = /^[0-9]+$/.test(text) ? "value out of range" : "invalid syntax";
  const quoted = goQuote(text);
  return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: ${why}`;
}
