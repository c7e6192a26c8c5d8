import type { Service } from "../../api/types/core-v1.ts";

/** The service that every pod is told of, whatever `enableServiceLinks` says: the API server. */
const alwaysLinked = { namespace: "default", name: "kubernetes" };

/**
 * Variables that tell a pod where services are, in the order of `services`: `WEB_SERVICE_HOST`, `WEB_SERVICE_PORT` and
 * the older `WEB_PORT_80_TCP...`. Services without an address have none.
 * @param services those of the pod's namespace and of `default`
 */
export function serviceVariables(
  services: readonly Service[],
  namespace: string,
  enableServiceLinks: boolean,
): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const service of linkedServices(services, namespace, enableServiceLinks)) addVariables(variables, service);
  return variables;
}

/** A service of the pod's own namespace hides one of the same name elsewhere. */
function linkedServices(services: readonly Service[], namespace: string, links: boolean): Iterable<Service> {
  const linked = new Map<string, Service>();
  for (const service of services) {
    const { clusterIP, ports } = service.spec;
    if (clusterIP === undefined || clusterIP === "" || clusterIP === "None" || (ports?.length ?? 0) === 0) continue;
    const { name } = service.metadata;
    const isAlways = service.metadata.namespace === alwaysLinked.namespace && name === alwaysLinked.name;
    if (isAlways) {
      if (!linked.has(name)) linked.set(name, service);
    } else if (service.metadata.namespace === namespace && links) linked.set(name, service);
  }
  return linked.values();
}

function addVariables(variables: Map<string, string>, service: Service): void {
  const host = service.spec.clusterIP ?? "";
  const prefix = variableName(service.metadata.name);
  variables.set(`${prefix}_SERVICE_HOST`, host);
  for (const [index, entry] of (service.spec.ports ?? []).entries()) {
    const port = String(entry.port);
    const protocol = entry.protocol ?? "TCP";
    const url = `${protocol.toLowerCase()}://${host.includes(":") ? `[${host}]` : host}:${port}`;
    if (index === 0) {
      variables.set(`${prefix}_SERVICE_PORT`, port);
      variables.set(`${prefix}_PORT`, url);
    }
    if (entry.name !== undefined && entry.name !== "")
      variables.set(`${prefix}_SERVICE_PORT_${variableName(entry.name)}`, port);
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    variables.set(link, url);
    variables.set(`${link}_PROTO`, protocol.toLowerCase());
    variables.set(`${link}_PORT`, port);
    variables.set(`${link}_ADDR`, host);
  }
}

function variableName(name: string): string {
  return name.replaceAll("-", "_").toUpperCase();
}
