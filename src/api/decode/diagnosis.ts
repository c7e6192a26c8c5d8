import { goQuote } from "../go-quote.ts";
import { isJsonObject } from "../json-value.ts";
import type { FieldSchema, FieldType, StructSchema } from "../schema.ts";
import { DecodeError, mismatch } from "./decode-error.ts";
import { goTypeName } from "./go-type-names.ts";
import { decodeScalar, isByte } from "./scalars.ts";

/** What is wrong with a value, in upstream's words. */
export interface Diagnosis {
  /** Why it cannot be decoded; undefined when it can. */
  readonly error: string | undefined;
  /** `unknown field "x"` and `duplicate field "y"`, in the order written, each once. */
  readonly problems: readonly string[];
  readonly unknownFields: readonly string[];
}

/** Most problems that are reported for one object. */
const maxProblems = 100;

/** Where a value stands. */
interface Place {
  /** As strict problems name it: `spec.containers[0].image`. */
  readonly path: string;
  /** As type errors name it: fields only, and the Go structs that embed them: `spec.volumes.VolumeSource.emptyDir`. */
  readonly fields: string;
  /** The innermost struct around the value, and the field of it that the value is in; undefined at the root. */
  readonly struct: StructSchema;
  readonly field: FieldSchema | undefined;
}

interface Findings {
  /** The first value of the wrong type. */
  error: string | undefined;
  /** The first value that a reader of its own refused, which upstream reports before any other. */
  refusal: string | undefined;
  readonly problems: Set<string>;
  readonly unknownFields: Set<string>;
  readonly showsMapKeys: boolean;
}

function createFindings(showsMapKeys: boolean): Findings {
  return { error: undefined, refusal: undefined, problems: new Set(), unknownFields: new Set(), showsMapKeys };
}

type Keys = ReadonlyMap<object, readonly string[]> | undefined;

/**
 * Walks a value as it was written and finds everything that upstream's decoder would report.
 * @param showsMapKeys whether paths name the keys of maps, which they do unless an untyped object is converted
 */
export function diagnose(schema: StructSchema, value: unknown, repeatedKeys: Keys, showsMapKeys = true): Diagnosis {
  const findings = createFindings(showsMapKeys);
  const root: Place = { path: "", fields: "", struct: schema, field: undefined };
  if (isJsonObject(value)) inspectStruct(schema, value, root, findings, repeatedKeys);
  else if (value !== null) findings.error = describeMismatch(value, schema.goName, false, root);
  return {
    error: findings.refusal ?? findings.error,
    problems: [...findings.problems],
    unknownFields: [...findings.unknownFields],
  };
}

function inspectStruct(
  schema: StructSchema,
  value: Readonly<Record<string, unknown>>,
  place: Place,
  findings: Findings,
  repeatedKeys: Keys,
): void {
  const seen = new Set<string>();
  for (const name of repeatedKeys?.get(value) ?? Object.keys(value)) {
    const path = place.path === "" ? name : `${place.path}.${name}`;
    const field = schema.byName.get(name);
    const isTypeMeta = schema.typeMeta && (name === "kind" || name === "apiVersion");
    if (field === undefined && !isTypeMeta) {
      if (value[name] !== undefined) addProblem(findings, "unknown", path);
      continue;
    }
    if (seen.has(name)) addProblem(findings, "duplicate", path);
    seen.add(name);
    if (field === undefined) inspectTypeMeta(schema, value[name], place, name, findings);
    else {
      const fields = `${place.fields === "" ? "" : `${place.fields}.`}${field.embedded}${field.name}`;
      inspectValue(field.type, value[name], { path, fields, struct: schema, field }, findings, repeatedKeys);
    }
  }
}

function inspectTypeMeta(schema: StructSchema, value: unknown, place: Place, name: string, findings: Findings): void {
  if (value === null || value === undefined || typeof value === "string") return;
  const fields = `${place.fields === "" ? "" : `${place.fields}.`}TypeMeta.${name}`;
  findings.error ??= describeMismatch(value, "string", false, { ...place, struct: schema, fields });
}

function inspectValue(type: FieldType, value: unknown, place: Place, findings: Findings, repeatedKeys: Keys): void {
  if (value === null || value === undefined) return;
  switch (type.kind) {
    case "scalar":
      inspectScalar(type, value, place, findings);
      return;
    case "list":
      if (Array.isArray(value))
        value.forEach((item: unknown, index) => {
          const path = `${place.path}[${index}]`;
          inspectValue(type.element, item, { ...place, path }, findings, repeatedKeys);
        });
      else findings.error ??= wrongType(type, value, place);
      return;
    case "map":
      if (isJsonObject(value)) inspectMap(type.value, value, place, findings, repeatedKeys);
      else findings.error ??= wrongType(type, value, place);
      return;
    case "struct":
      if (type.struct.row.jsonForm !== undefined) inspectJsonForm(type.struct, value, place, findings);
      else if (isJsonObject(value)) inspectStruct(type.struct, value, place, findings, repeatedKeys);
      else findings.error ??= wrongType(type, value, place);
  }
}

function inspectMap(
  type: FieldType,
  value: Readonly<Record<string, unknown>>,
  place: Place,
  findings: Findings,
  repeatedKeys: Keys,
): void {
  const seen = new Set<string>();
  for (const key of repeatedKeys?.get(value) ?? Object.keys(value)) {
    const path = findings.showsMapKeys ? `${place.path}.${key}` : place.path;
    if (seen.has(key)) addProblem(findings, "duplicate", path);
    seen.add(key);
    inspectValue(type, value[key], { ...place, path }, findings, repeatedKeys);
  }
}

/** What is inside is read by a reader of its own, which reports no unknown fields. */
function inspectJsonForm(form: StructSchema, value: unknown, place: Place, findings: Findings): void {
  const inner = createFindings(true);
  const [first, second] = form.fields as readonly [FieldSchema, FieldSchema];
  const isBool = form.row.jsonForm === "schemaOrBool";
  if (isJsonObject(value)) inspectValue(isBool ? second.type : first.type, value, place, inner, undefined);
  else if (Array.isArray(value) && !isBool) inspectValue(second.type, value, place, inner, undefined);
  else if (isBool && typeof value !== "boolean") inner.refusal = "boolean or JSON schema expected";
  findings.refusal ??= inner.refusal ?? inner.error;
}

function inspectScalar(type: FieldType & { kind: "scalar" }, value: unknown, place: Place, findings: Findings): void {
  if (findings.refusal !== undefined) return;
  const hasOwnReader = ownReaders.has(type.scalar);
  try {
    decodeScalar(type.scalar, value);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const message = error === mismatch ? wrongType(type, value, place) : error.message;
    if (hasOwnReader) findings.refusal ??= message;
    else findings.error ??= message;
  }
}

const ownReaders: ReadonlySet<string> = new Set(["quantity", "intOrString", "time", "microTime", "duration"]);

function wrongType(type: FieldType, value: unknown, place: Place): string {
  const scalar = type.kind === "scalar" ? type.scalar : undefined;
  if (Array.isArray(value) && scalar === "stringList") {
    const item: unknown = value.find((each) => each !== null && typeof each !== "string");
    return describeMismatch(item, "string", false, place);
  }
  if (Array.isArray(value) && scalar === "bytes") {
    const item: unknown = value.find((each) => each !== null && !isByte(each));
    return describeMismatch(item, "uint8", true, place);
  }
  const isInteger = scalar === "int32" || scalar === "int64" || scalar === "intOrString";
  return describeMismatch(value, goTypeName(type, place.field, place.struct), isInteger, place);
}

/** Upstream names the struct and the fields of the value, without list positions and map keys. */
function describeMismatch(value: unknown, goType: string, isInteger: boolean, place: Place): string {
  const struct = place.struct.name.slice(place.struct.name.lastIndexOf(".") + 1);
  const where =
    place.fields === "" ? `value of type ${goType}` : `struct field ${struct}.${place.fields} of type ${goType}`;
  return `json: cannot unmarshal ${describeJson(value, isInteger)} into Go ${where}`;
}

/** Where an integer is wanted, upstream shows the number that is none or is too large. */
function describeJson(value: unknown, isInteger: boolean): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number" || typeof value === "bigint") return isInteger ? `number ${value}` : "number";
  return typeof value;
}

function addProblem(findings: Findings, kind: "unknown" | "duplicate", path: string): void {
  if (findings.problems.size >= maxProblems) return;
  findings.problems.add(`${kind} field ${goQuote(path)}`);
  if (kind === "unknown") findings.unknownFields.add(path);
}
