import { createFieldMatcher, everyField, type FieldMatcher, parseFieldSelector } from "../api/field-selector.ts";
import { goQuote } from "../api/go-quote.ts";
import { everyLabel, type LabelMatcher, parseLabelSelector, SelectorError } from "../api/label-selector.ts";
import type { ApiObject } from "../api/metadata.ts";
import { badRequest } from "../api/status-error.ts";
import { inVersion } from "./object-version.ts";
import type { ServedResource } from "./resource-table.ts";
import type { StoredObject } from "./stored-object.ts";

/** Which objects of a kind a list or watch shows. */
export interface Selection {
  /** Empty for all namespaces. */
  readonly namespace: string;
  readonly labels: LabelMatcher;
  readonly fields: FieldMatcher;
  /** The one name that is selected, when it is only one. */
  readonly name: string | undefined;
  /** Labels and fields select everything. */
  readonly isEverything: boolean;
  /** Equal for selections that show the same objects. */
  readonly id: string;
  /** Whether an object meets the selectors and stands in the namespace. */
  matches(object: StoredObject): boolean;
}

/** Every object of a kind, or of one namespace. */
export function selectAll(served: ServedResource, namespace = ""): Selection {
  return createSelection(served, namespace, everyLabel, everyField);
}

/**
 * Compiles the selectors of a request.
 * @throws {StatusError} BadRequest for a selector that cannot be read or names a field that the kind does not offer
 */
export function compileSelection(
  served: ServedResource,
  request: {
    readonly namespace?: string | undefined;
    readonly labelSelector?: string | undefined;
    readonly fieldSelector?: string | undefined;
  },
): Selection {
  const { labelSelector = "", fieldSelector = "" } = request;
  // In the path of a namespace its own name stands where that of a namespace would.
  const namespace = served.resource.namespaced ? (request.namespace ?? "") : "";
  if (labelSelector === "" && fieldSelector === "") return selectAll(served, namespace);
  try {
    const labels = labelSelector === "" ? everyLabel : parseLabelSelector(labelSelector);
    const fields = fieldSelector === "" ? everyField : translateFields(served, parseFieldSelector(fieldSelector));
    return createSelection(served, namespace, labels, fields);
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

/** The value of a field that a selector may name; empty when it is not set. */
export function selectableField(served: ServedResource, object: ApiObject, field: string): string {
  switch (field) {
    case "metadata.name":
      return object.metadata.name;
    case "metadata.namespace":
      return object.metadata.namespace ?? "";
    default:
      return served.definition.selectableFields?.[field]?.(object) ?? "";
  }
}

function createSelection(
  served: ServedResource,
  requestNamespace: string,
  labels: LabelMatcher,
  fields: FieldMatcher,
): Selection {
  const namespace =
    requestNamespace === "" && served.resource.namespaced
      ? (fields.requiredValue("metadata.namespace") ?? "")
      : requestNamespace;
  const isEverything = labels.isEverything && fields.isEverything;
  const inNamespace = (object: StoredObject): boolean => namespace === "" || object.namespace === namespace;
  return {
    namespace,
    labels,
    fields,
    name: fields.requiredValue("metadata.name"),
    isEverything,
    id: `${namespace}\n${labels.isNothing ? "\n" : labels.toString()}\n${fields.toString()}`,
    matches(object) {
      if (!inNamespace(object)) return false;
      if (isEverything) return true;
      if (!labels.matches(object.value.metadata.labels)) return false;
      if (fields.isEverything) return true;
      const { value } = inVersion(served, object);
      return fields.matches((field) => selectableField(served, value, field));
    },
  };
}

/** Checks the names of fields, and turns old names into those of today. */
function translateFields(served: ServedResource, fields: FieldMatcher): FieldMatcher {
  const isPod = served.resource.plural === "pods" && served.resource.group === "";
  return createFieldMatcher(
    fields.requirements.map((requirement) => {
      const field = isPod && requirement.field === "spec.host" ? "spec.nodeName" : requirement.field;
      if (!isSelectable(served, field)) throw badRequest(unknownField(served, field));
      return { ...requirement, field };
    }),
  );
}

function isSelectable(served: ServedResource, field: string): boolean {
  if (field === "metadata.name") return true;
  const { selectableFields } = served.definition;
  if (field === "metadata.namespace") return served.resource.namespaced || selectableFields === undefined;
  return selectableFields !== undefined && Object.hasOwn(selectableFields, field);
}

/** Upstream words this in three ways. */
function unknownField(served: ServedResource, field: string): string {
  const { group, version, kind } = served.resource;
  if (kind === "Job") return `field label ${goQuote(field)} not supported for Job`;
  if (kind === "ResourceSlice") return `field label not supported for ${group}/${version}, Kind=${kind}: ${field}`;
  if (served.definition.selectableFields !== undefined) return `field label not supported: ${field}`;
  return `${goQuote(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}
