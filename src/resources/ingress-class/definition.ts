import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel } from "../../api/names.ts";
import { ingressClasses } from "../../api/resources.ts";
import type { IngressClass, IngressClassParametersReference } from "../../api/types/networking-v1.ts";
import { utf8Length } from "../../api/utf8.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { addFaults, checkDomainPrefixedPath, requireSame } from "../field-checks.ts";
import { checkObjectReference } from "../object-reference.ts";

const controllerPath = FieldPath.of("spec").child("controller");
const parametersPath = FieldPath.of("spec").child("parameters");
const defaultAnnotation = "ingressclass.kubernetes.io/is-default-class";
const maxControllerBytes = 250;

/** Who serves Ingresses. */
export const ingressClassDefinition = defineResource({
  resource: ingressClasses,
  applyDefaults: ({ spec }) => {
    // The field is always written, absent or not.
    if (spec.parameters !== undefined) spec.parameters.scope ??= "Cluster";
  },
  validate,
  validateUpdate: (ingressClass, old) => {
    const errors: FieldError[] = [];
    requireSame(errors, controllerPath, ingressClass.spec.controller ?? "", old.spec.controller ?? "");
    return [...errors, ...validate(ingressClass)];
  },
  validatesWholeUpdate: true,
  table: {
    columns: [nameColumn, textColumn("Controller"), textColumn("Parameters"), ageColumn],
    row: (ingressClass, { nowMs }) => {
      const { metadata, spec } = ingressClass;
      const isDefault = metadata.annotations?.[defaultAnnotation] === "true";
      return [
        isDefault ? `${metadata.name} (default)` : metadata.name,
        spec.controller ?? "",
        parametersCell(spec.parameters),
        objectAge(ingressClass, nowMs),
      ];
    },
  },
});

function parametersCell(parameters: IngressClassParametersReference | undefined): string {
  if (parameters === undefined) return "<none>";
  const { kind, apiGroup, name } = parameters;
  return `${apiGroup === undefined ? kind : `${kind}.${apiGroup}`}/${name}`;
}

function validate({ spec }: IngressClass): FieldError[] {
  const errors: FieldError[] = [];
  const { controller = "", parameters } = spec;
  if (utf8Length(controller) > maxControllerBytes) errors.push(fieldError.tooLong(controllerPath, maxControllerBytes));
  checkDomainPrefixedPath(errors, controllerPath, controller);
  if (parameters === undefined) return errors;
  checkObjectReference(errors, parametersPath, parameters);
  checkScope(errors, parameters);
  return errors;
}

function checkScope(errors: FieldError[], { scope, namespace }: IngressClassParametersReference): void {
  const path = parametersPath.child("namespace");
  if (scope === "Namespace") {
    if (namespace === undefined) errors.push(fieldError.required(path, "`parameters.scope` is set to 'Namespace'"));
    else addFaults(errors, path, namespace, checkDnsLabel(namespace));
  } else if (scope !== "Cluster")
    errors.push(fieldError.notSupported(parametersPath.child("scope"), scope, ["Cluster", "Namespace"]));
  else if (namespace !== undefined) errors.push(fieldError.forbidden(path, "`parameters.scope` is set to 'Cluster'"));
}
