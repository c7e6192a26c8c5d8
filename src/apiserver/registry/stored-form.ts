import type { FieldType, StructSchema } from "../../api/schema.ts";

/** Gives a value as it is after a round through the store; the same one when nothing changes. */
export type StoredForm = (value: object) => object;

type Fields = Record<string, unknown>;
type Change = (value: unknown) => unknown;

/** Made once for each schema, and as long-lived as it. */
const forms = new WeakMap<StructSchema, StoredForm>();

/**
 * How values of a schema look once stored: lists that are always written are null when they are empty, because what
 * upstream stores does not tell the two apart. It matters to clients that compare.
 */
export function storedFormOf(schema: StructSchema): StoredForm {
  let form = forms.get(schema);
  if (form === undefined) {
    form = (compileStruct(schema, []) ?? same) as StoredForm;
    forms.set(schema, form);
  }
  return form;
}

function same(value: unknown): unknown {
  return value;
}

/** @returns undefined when nothing inside can change */
function compileStruct(schema: StructSchema, above: readonly StructSchema[]): Change | undefined {
  // Schemas that contain themselves are those of JSON schemas, which have no such lists.
  if (above.includes(schema) || schema.row.jsonForm !== undefined) return undefined;
  const changes = schema.fields.flatMap(({ name, type, whenEmpty, pointer }): [string, Change][] => {
    const inner = compileType(type, [...above, schema]);
    const isNullable = type.kind === "list" && whenEmpty === "null" && !pointer;
    if (!isNullable) return inner === undefined ? [] : [[name, inner]];
    return [[name, (value) => ((value as readonly unknown[]).length === 0 ? null : (inner ?? same)(value))]];
  });
  return changes.length === 0 ? undefined : (value) => changeFields(value as Fields, changes);
}

function compileType(type: FieldType, above: readonly StructSchema[]): Change | undefined {
  switch (type.kind) {
    case "scalar":
      return undefined;
    case "struct":
      return compileStruct(type.struct, above);
    case "list": {
      const element = compileType(type.element, above);
      return element === undefined ? undefined : (value) => changeElements(value as readonly unknown[], element);
    }
    case "map": {
      const entry = compileType(type.value, above);
      if (entry === undefined) return undefined;
      return (value) =>
        changeFields(
          value as Fields,
          Object.keys(value as Fields).map((key) => [key, entry]),
        );
    }
  }
}

function changeFields(value: Fields, changes: readonly (readonly [string, Change])[]): Fields {
  let result = value;
  for (const [name, change] of changes) {
    const before = value[name];
    if (before === undefined || before === null) continue;
    const after = change(before);
    if (after === before) continue;
    if (result === value) result = Object.assign(Object.create(Object.getPrototypeOf(value)), value);
    result[name] = after;
  }
  return result;
}

function changeElements(values: readonly unknown[], change: Change): readonly unknown[] {
  let result: unknown[] | undefined;
  for (const [index, before] of values.entries()) {
    const after = before === null ? before : change(before);
    if (after === before) continue;
    result ??= [...values];
    result[index] = after;
  }
  return result ?? values;
}
