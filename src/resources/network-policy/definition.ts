import { FieldPath } from "../../api/field-error.ts";
import { formatLabelSelector } from "../../api/label-selector.ts";
import { networkPolicies } from "../../api/resources.ts";
import type { NetworkPolicy, NetworkPolicyPeer } from "../../api/types/networking-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { warnOfIpRange } from "../ip-address.ts";
import { validateNetworkPolicy, validateNetworkPolicyUpdate } from "./validation.ts";

/** Who may talk to whom. */
export const networkPolicyDefinition = defineResource({
  resource: networkPolicies,
  applyDefaults: ({ spec }) => {
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])])
      for (const port of rule.ports ?? []) port.protocol ??= "TCP";
    if ((spec.policyTypes ?? []).length === 0)
      spec.policyTypes = (spec.egress ?? []).length === 0 ? ["Ingress"] : ["Ingress", "Egress"];
  },
  validate: validateNetworkPolicy,
  validateUpdate: validateNetworkPolicyUpdate,
  validatesWholeUpdate: true,
  warnings: warnOfBlocks,
  table: {
    columns: [nameColumn, textColumn("Pod-Selector"), ageColumn],
    row: (policy, { nowMs }) => [
      policy.metadata.name,
      formatLabelSelector(policy.spec.podSelector),
      objectAge(policy, nowMs),
    ],
  },
});

function warnOfBlocks({ spec }: NetworkPolicy): readonly string[] {
  const path = FieldPath.of("spec");
  const warn = (place: FieldPath, peers: readonly NetworkPolicyPeer[] = []): readonly string[] =>
    peers.flatMap(({ ipBlock }, index) => {
      if (ipBlock === undefined) return [];
      const block = place.index(index).child("ipBlock");
      return [
        ...warnOfIpRange(block.child("cidr"), ipBlock.cidr),
        ...(ipBlock.except ?? []).flatMap((range, position) =>
          warnOfIpRange(block.child("except").index(position), range),
        ),
      ];
    });
  return [
    ...(spec.ingress ?? []).flatMap(({ from }, index) => warn(path.child("ingress").index(index).child("from"), from)),
    ...(spec.egress ?? []).flatMap(({ to }, index) => warn(path.child("egress").index(index).child("to"), to)),
  ];
}
