import type { Draft } from "../../api/draft.ts";
import { FieldPath } from "../../api/field-error.ts";
import { nodes } from "../../api/resources.ts";
import type { Node } from "../../api/types/core-v1.ts";
import { defineResource } from "../definition.ts";
import { warnOfIpRange } from "../ip-address.ts";
import { nodeTable } from "./table.ts";
import { validateNode, validateNodeStatusUpdate, validateNodeUpdate } from "./validation.ts";

const podCidrsPath = FieldPath.of("spec").child("podCIDRs");

/** A machine that runs pods. */
export const nodeDefinition = defineResource({
  resource: nodes,
  countsGeneration: false,
  applyDefaults: (draft) => {
    unitePodRanges(draft);
    const { capacity, allocatable } = draft.status;
    if (allocatable === undefined && capacity !== undefined) draft.status.allocatable = { ...capacity };
  },
  prepareForCreate: (draft) => {
    // A node comes with its status: its agent knows it from the start.
    delete draft.spec.configSource;
    delete draft.status.config;
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<Node["status"]>;
    if (old.spec.configSource === undefined) delete draft.spec.configSource;
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<Node["spec"]>;
    if (old.status.config === undefined) delete draft.status.config;
  },
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validateNodeStatusUpdate,
  warnings: warnOfNode,
  selectableFields: { "spec.unschedulable": (node) => String(node.spec.unschedulable ?? false) },
  table: nodeTable,
});

/** One range came before the list; the old field holds the first of the list, and wins where they differ. */
function unitePodRanges({ spec }: Draft<Node>): void {
  const { podCIDR: first = "", podCIDRs: ranges = [] } = spec;
  if (first !== "" && first !== ranges[0]) spec.podCIDRs = [first];
  else if (ranges[0] !== undefined) spec.podCIDR = ranges[0];
}

function warnOfNode({ spec }: Node): readonly string[] {
  const warnings: string[] = [];
  if (spec.configSource !== undefined) warnings.push("spec.configSource: the feature is removed");
  if ((spec.externalID ?? "") !== "")
    warnings.push("spec.externalID: this field is deprecated, and is unused by Kubernetes");
  for (const [index, range] of (spec.podCIDRs ?? []).entries())
    warnings.push(...warnOfIpRange(podCidrsPath.index(index), range));
  return warnings;
}
