import type { Draft } from "../../api/draft.ts";
import { ingresses } from "../../api/resources.ts";
import type { Ingress } from "../../api/types/networking-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { loadBalancerAddresses } from "../service/table.ts";
import {
  ingressClassAnnotation,
  validateIngress,
  validateIngressStatusUpdate,
  validateIngressUpdate,
} from "./validation.ts";

/** Hosts that a table shows of one object. */
const shownHosts = 3;

/** Ways into the cluster by host and path. */
export const ingressDefinition = defineResource({
  resource: ingresses,
  prepareForCreate: (draft) => {
    draft.status = { loadBalancer: {} };
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<Ingress["status"]>;
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<Ingress["spec"]>;
  },
  validate: validateIngress,
  validateUpdate: validateIngressUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validateIngressStatusUpdate,
  warnings: ({ metadata, spec }, old) =>
    old === undefined &&
    metadata.annotations?.[ingressClassAnnotation] !== undefined &&
    spec.ingressClassName === undefined
      ? [`annotation "${ingressClassAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`]
      : [],
  table: {
    columns: [
      nameColumn,
      textColumn("Class"),
      textColumn("Hosts"),
      textColumn("Address"),
      textColumn("Ports"),
      ageColumn,
    ],
    row: (ingress, { nowMs }) => [
      ingress.metadata.name,
      ingress.spec.ingressClassName ?? "<none>",
      hostsCell(ingress),
      loadBalancerAddresses(ingress.status.loadBalancer).join(","),
      (ingress.spec.tls?.length ?? 0) > 0 ? "80, 443" : "80",
      objectAge(ingress, nowMs),
    ],
  },
});

/** The first hosts; rules without one count when it comes to how many are not shown. */
function hostsCell({ spec: { rules = [] } }: Ingress): string {
  const named = rules.filter(({ host = "" }) => host !== "");
  const shown = named.slice(0, shownHosts).map(({ host }) => host);
  if (shown.length === 0) return "*";
  const last = rules.indexOf(named[shown.length - 1] as (typeof rules)[number]);
  const hasMore = shown.length === shownHosts && last < rules.length - 1;
  return hasMore ? `${shown.join(",")} + ${rules.length - shownHosts} more...` : shown.join(",");
}
