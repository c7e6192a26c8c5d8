import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsSubdomain, checkPathSegment } from "../../api/names.ts";
import { ipAddresses } from "../../api/resources.ts";
import type { IPAddress, ParentReference } from "../../api/types/networking-v1.ts";
import { nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { addFaults, immutableFault, requireName, sameValue } from "../field-checks.ts";
import { checkCanonicalIpAddress } from "../ip-address.ts";

const namePath = FieldPath.of("metadata").child("name");
const parentPath = FieldPath.of("spec").child("parentRef");

/** An address that something has. */
export const ipAddressDefinition = defineResource({
  resource: ipAddresses,
  nameRule: "pathSegment",
  countsGeneration: false,
  validate,
  validateUpdate: (address, old) => {
    const errors = validate(address);
    const { parentRef } = address.spec;
    if (!sameValue(parentRef, old.spec.parentRef))
      errors.push(fieldError.invalid(parentPath, parentForm(parentRef), immutableFault));
    return errors;
  },
  validatesWholeUpdate: true,
  table: {
    columns: [nameColumn, textColumn("ParentRef")],
    // Upstream has a cell more than columns.
    row: (address, { nowMs }) => [address.metadata.name, parentCell(address.spec.parentRef), objectAge(address, nowMs)],
  },
});

function validate({ metadata, spec }: IPAddress): FieldError[] {
  const errors: FieldError[] = [];
  checkCanonicalIpAddress(errors, namePath, metadata.name);
  if (spec.parentRef === undefined) {
    errors.push(fieldError.required(parentPath));
    return errors;
  }
  const { group = "", resource, name, namespace = "" } = spec.parentRef;
  if (group !== "") addFaults(errors, parentPath.child("group"), group, checkDnsSubdomain(group));
  requireName(errors, parentPath.child("resource"), resource, checkPathSegment);
  requireName(errors, parentPath.child("name"), name, checkPathSegment);
  if (namespace !== "") addFaults(errors, parentPath.child("namespace"), namespace, checkPathSegment(namespace));
  return errors;
}

function parentForm(parent: ParentReference | undefined): unknown {
  if (parent === undefined) return null;
  const { group = "", resource = "", namespace = "", name = "" } = parent;
  return { Group: group, Resource: resource, Namespace: namespace, Name: name };
}

/** For example `services/default/kubernetes`. */
function parentCell(parent: ParentReference | undefined): string {
  if (parent === undefined) return "<none>";
  const { group = "", resource = "", namespace = "", name = "" } = parent;
  const kind = (group === "" ? resource : `${resource}.${group}`).toLowerCase();
  return namespace === "" ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}
