import type { Container, HTTPGetAction } from "../../api/types/core-v1.ts";
import type { HttpProbe } from "../prober.ts";

/** A probe or hook that cannot be carried out as it is written. */
export class HandlerError extends Error {
  override readonly name = "HandlerError";
}

/**
 * The request that an `httpGet` handler means.
 * @param purpose shown in the User-Agent
 * @param version for the User-Agent, for example `1.36`
 * @throws {HandlerError} when the port cannot be told
 */
export function renderHttpRequest(
  action: HTTPGetAction,
  container: Pick<Container, "ports">,
  podIp: string,
  options: { readonly purpose: "probe" | "lifecycle"; readonly version: string; readonly timeoutMs: number },
): HttpProbe {
  const headers = (action.httpHeaders ?? []).map(({ name, value }) => ({ name, value }));
  const has = (name: string): boolean => headers.some((header) => header.name.toLowerCase() === name);
  if (!has("user-agent")) headers.push({ name: "User-Agent", value: `kube-${options.purpose}/${options.version}` });
  if (!has("accept")) headers.push({ name: "Accept", value: "*/*" });
  return {
    scheme: action.scheme ?? "HTTP",
    host: isSet(action.host) ? action.host : podIp,
    port: resolveContainerPort(action.port, container),
    path: action.path ?? "",
    // An Accept that is set and empty means: send none.
    headers: headers.filter(({ name, value }) => name.toLowerCase() !== "accept" || value !== ""),
    timeoutMs: options.timeoutMs,
  };
}

/** The port that a number or a name means for a container. @throws {HandlerError} when there is none of that name */
export function resolveContainerPort(port: number | string, container: Pick<Container, "ports">): number {
  const number = typeof port === "number" ? port : namedPort(port, container);
  if (number > 0 && number < 65_536) return number;
  throw new HandlerError(`invalid port number: ${number}`);
}

function namedPort(name: string, container: Pick<Container, "ports">): number {
  const declared = container.ports?.find((port) => port.name === name);
  if (declared !== undefined) return declared.containerPort;
  if (/^[+-]?\d+$/.test(name)) return Number(name);
  throw new HandlerError(`strconv.Atoi: parsing "${name}": invalid syntax`);
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== "";
}
