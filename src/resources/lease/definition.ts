import type { Draft } from "../../api/draft.ts";
import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { leases } from "../../api/resources.ts";
import type { Lease } from "../../api/types/coordination-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

const specPath = FieldPath.of("spec");

/** Who holds something, and until when: leaders and nodes that are alive. */
export const leaseDefinition = defineResource({
  resource: leases,
  countsGeneration: false,
  allowCreateOnUpdate: true,
  requiresVersionOnUpdate: true,
  prepareForCreate: (draft) => dropDisabledFields(draft, undefined),
  prepareForUpdate: dropDisabledFields,
  validate: validateLease,
  table: {
    columns: [nameColumn, textColumn("Holder"), ageColumn],
    row: (lease, { nowMs }) => [lease.metadata.name, lease.spec.holderIdentity ?? "", objectAge(lease, nowMs)],
  },
});

/** Coordinated leader election is off unless asked for; what the old lease has of it stays. */
function dropDisabledFields(draft: Draft<Lease>, old: Lease | undefined): void {
  for (const field of ["strategy", "preferredHolder"] as const)
    if (old?.spec[field] === undefined) delete draft.spec[field];
}

function validateLease({ spec }: Lease): FieldError[] {
  const errors: FieldError[] = [];
  const { leaseDurationSeconds, leaseTransitions } = spec;
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0)
    errors.push(
      fieldError.invalid(specPath.child("leaseDurationSeconds"), leaseDurationSeconds, "must be greater than 0"),
    );
  if (leaseTransitions !== undefined && leaseTransitions < 0)
    errors.push(
      fieldError.invalid(specPath.child("leaseTransitions"), leaseTransitions, "must be greater than or equal to 0"),
    );
  return errors;
}
