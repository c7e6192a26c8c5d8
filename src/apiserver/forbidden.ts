import { goQuote } from "../api/go-quote.ts";
import { forbidden, type StatusError } from "../api/status-error.ts";
import type { RequestAttributes } from "./attributes.ts";

const htmlEscapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * 403 for a request that authorisation refuses, in upstream's words:
 * `pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"`.
 * @param reason what the authorisers said; may be empty
 */
export function forbiddenRequest(attributes: RequestAttributes, reason: string): StatusError {
  const sentence = describe(attributes).replace(/[&<>]/g, (character) => htmlEscapes[character] ?? character);
  const why = reason === "" ? sentence : `${sentence}: ${reason}`;
  if (attributes.kind === "path") return forbidden({ group: "", plural: "" }, "", why);
  return forbidden({ group: attributes.group, plural: attributes.resource }, attributes.name, why);
}

function describe(attributes: RequestAttributes): string {
  const who = `User ${goQuote(attributes.user.username)} cannot ${attributes.verb}`;
  if (attributes.kind === "path") return `${who} path ${goQuote(attributes.path)}`;
  const { resource, subresource, group, namespace } = attributes;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${goQuote(namespace)}`;
  return `${who} resource ${goQuote(what)} in API group ${goQuote(group)} ${where}`;
}
