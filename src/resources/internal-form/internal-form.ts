import type { PodSpec, PodTemplateSpec } from "../../api/types/core-v1.ts";
import type { LabelSelector, ObjectMeta } from "../../api/types/meta-v1.ts";
import { selectorForm, sortedMap } from "../pod-selector.ts";
import { internalTypes } from "./internal-types.ts";
import { unifiedDiff } from "./unified-diff.ts";

interface InternalField {
  readonly name: string;
  readonly jsonName: string;
  readonly isList: boolean;
  readonly isOptional: boolean;
  readonly type: string;
}

type Fields = Readonly<Record<string, unknown>>;

const zeros: Readonly<Record<string, unknown>> = {
  "": "",
  string: "",
  bool: false,
  int: 0,
  quantity: "0",
  intOrString: 0,
};

/**
 * A part of an object as the API server writes it into some messages: every field under its internal name, absent
 * ones as null or zero.
 * @param type for example `SecurityContext`
 */
export function toInternalForm(type: string, value: object): Fields {
  const form: Record<string, unknown> = {};
  for (const field of fieldsOf(type)) {
    if (field.name === "...metadata") Object.assign(form, metadataForm((value as Fields)["metadata"] as ObjectMeta));
    else form[field.name] = fieldForm(field, (value as Fields)[field.jsonName]);
  }
  return form;
}

/** A whole spec. What a spec says of the host's namespaces belongs to the security context inside. */
export function podSpecInternalForm(spec: PodSpec): Fields {
  const { hostNetwork, hostPID, hostIPC, hostUsers, shareProcessNamespace, securityContext } = spec;
  const context = { ...securityContext, hostNetwork, hostPID, hostIPC, hostUsers, shareProcessNamespace };
  return toInternalForm("PodSpec", { ...spec, securityContext: context });
}

/** A whole template. */
export function podTemplateInternalForm({ metadata, spec }: PodTemplateSpec): Fields {
  return { ...metadataForm(metadata), Spec: podSpecInternalForm(spec) };
}

function metadataForm(metadata: ObjectMeta): Fields {
  const { labels, annotations } = metadata;
  return {
    ...metadata,
    ...(labels === undefined ? {} : { labels: sortedMap(labels) }),
    ...(annotations === undefined ? {} : { annotations: sortedMap(annotations) }),
  };
}

/** What differs between two values, line by line, as messages show it. */
export function diffInternalForms(old: Fields, changed: Fields): string {
  return unifiedDiff(renderLines(old), renderLines(changed));
}

function fieldsOf(type: string): readonly InternalField[] {
  return (internalTypes[type] ?? "").split(", ").map((text) => {
    const [names = "", typeText = ""] = text.split(" ");
    const [name = "", jsonName = name.charAt(0).toLowerCase() + name.slice(1)] = names.split("=");
    const isList = typeText.startsWith("[]");
    const isOptional = typeText.endsWith("?");
    return { name, jsonName, isList, isOptional, type: typeText.replace("[]", "").replace("?", "") };
  });
}

function fieldForm(field: InternalField, value: unknown): unknown {
  const isAbsent = value === undefined || value === null;
  if (field.isList) return isAbsent ? null : (value as readonly unknown[]).map((item) => itemForm(field.type, item));
  if (isAbsent && (field.isOptional || field.type === "map" || field.type === "json")) return null;
  return itemForm(field.type, value);
}

function itemForm(type: string, value: unknown): unknown {
  if (type === "map") return sortedMap((value ?? {}) as Fields);
  if (type === "json") return selectorForm(value as LabelSelector);
  if (internalTypes[type] !== undefined) return toInternalForm(type, (value ?? {}) as object);
  return value ?? zeros[type] ?? null;
}

/** Escapes of the API server's own JSON writer. */
const htmlEscapes: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

function renderLines(form: Fields): readonly string[] {
  return JSON.stringify(form, null, 1)
    .replace(/[<>&\u2028\u2029]/g, (character) => htmlEscapes[character] as string)
    .split("\n");
}
