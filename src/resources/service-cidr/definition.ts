import type { Draft } from "../../api/draft.ts";
import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { serviceCIDRs } from "../../api/resources.ts";
import type { ServiceCIDR } from "../../api/types/networking-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { immutableFault } from "../field-checks.ts";
import { checkCanonicalIpRange, parseIpRange } from "../ip-address.ts";

/** Metadata that telling how it is does not change. */
const keptMetadata = ["labels", "annotations", "finalizers", "ownerReferences"] as const;
const cidrsPath = FieldPath.of("spec").child("cidrs");

/** Addresses that services may have. */
export const serviceCidrDefinition = defineResource({
  resource: serviceCIDRs,
  countsGeneration: false,
  prepareForCreate: (draft) => {
    draft.status = {};
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<ServiceCIDR["status"]>;
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<ServiceCIDR["spec"]>;
    const metadata: Record<string, unknown> = draft.metadata;
    for (const field of keptMetadata)
      if (old.metadata[field] === undefined) delete metadata[field];
      else metadata[field] = old.metadata[field];
  },
  validate: ({ spec }) => checkRanges(spec.cidrs ?? []),
  validateUpdate: validateServiceCidrUpdate,
  validatesWholeUpdate: true,
  table: {
    columns: [nameColumn, textColumn("CIDRs"), ageColumn],
    row: (range, { nowMs }) => [range.metadata.name, (range.spec.cidrs ?? []).join(","), objectAge(range, nowMs)],
  },
});

function checkRanges(ranges: readonly string[]): FieldError[] {
  if (ranges.length === 0) return [fieldError.required(cidrsPath, "at least one CIDR required")];
  if (ranges.length > 2) return [fieldError.invalid(cidrsPath, { CIDRs: ranges }, "may only hold up to 2 values")];
  const errors: FieldError[] = [];
  for (const [index, range] of ranges.entries()) checkCanonicalIpRange(errors, cidrsPath.index(index), range);
  const [first, second] = ranges.map((range) => parseIpRange(range)?.family);
  if (ranges.length === 2 && first !== undefined && first === second)
    errors.push(
      fieldError.invalid(
        cidrsPath,
        ranges,
        "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64",
      ),
    );
  return errors;
}

/** Ranges stay; a second one may come to a single one. */
function validateServiceCidrUpdate({ spec }: ServiceCIDR, { spec: oldSpec }: ServiceCIDR): FieldError[] {
  const ranges = spec.cidrs ?? [];
  const old = oldSpec.cidrs ?? [];
  const isWidened = old.length === 1 && ranges.length === 2;
  if (ranges.length !== old.length && !isWidened) return [fieldError.invalid(cidrsPath, ranges, immutableFault)];
  const errors: FieldError[] = [];
  for (const [index, range] of old.entries())
    if (ranges[index] !== range) errors.push(fieldError.invalid(cidrsPath.index(index), ranges[index], immutableFault));
  return isWidened ? [...errors, ...checkRanges(ranges)] : errors;
}
