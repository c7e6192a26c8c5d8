import type { LoadBalancerStatus, Service, ServicePort } from "../../api/types/core-v1.ts";
import { formatLabels } from "../../printing/labels.ts";
import type { TableDefinition } from "../../printing/table.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";

/** The table of services. */
export const serviceTable: TableDefinition<Service> = {
  columns: [
    nameColumn,
    textColumn("Type"),
    textColumn("Cluster-IP"),
    textColumn("External-IP"),
    textColumn("Port(s)"),
    ageColumn,
    textColumn("Selector", 1),
  ],
  row: (service, { nowMs }) => [
    service.metadata.name,
    service.spec.type ?? "",
    service.spec.clusterIPs?.[0] ?? "<none>",
    externalAddresses(service),
    (service.spec.ports ?? []).map(formatPort).join(",") || "<none>",
    objectAge(service, nowMs),
    formatLabels(service.spec.selector),
  ],
};

/** Where a service is reached from outside, as tables show it. */
export function externalAddresses(service: Service): string {
  const { type, externalIPs = [], externalName } = service.spec;
  switch (type) {
    case "ClusterIP":
    case "NodePort":
      return externalIPs.join(",") || "<none>";
    case "LoadBalancer":
      return [...loadBalancerAddresses(service.status.loadBalancer), ...externalIPs].join(",") || "<pending>";
    case "ExternalName":
      return externalName ?? "";
    default:
      return "<unknown>";
  }
}

/** Addresses and host names of a load balancer, each once and in order. */
export function loadBalancerAddresses(status: Pick<LoadBalancerStatus, "ingress">): string[] {
  const addresses = new Set<string>();
  for (const ingress of status.ingress ?? []) {
    const address = ingress.ip || ingress.hostname;
    if (address !== undefined && address !== "") addresses.add(address);
  }
  return [...addresses].sort();
}

function formatPort(port: ServicePort): string {
  const protocol = port.protocol ?? "";
  return (port.nodePort ?? 0) > 0 ? `${port.port}:${port.nodePort}/${protocol}` : `${port.port}/${protocol}`;
}
