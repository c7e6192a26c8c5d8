import { groupVersions, kindsOfType } from "../../api/kinds.ts";
import type { FieldSchema, FieldType, ScalarName, SchemaRegistry, StructSchema } from "../../api/schema.ts";
import { type Descriptions, describeField } from "./descriptions.ts";
import type { SchemaNode } from "./schema-node.ts";

/** Turns types into published schemas and remembers which other types they need. */
export interface Definitions {
  /** A reference to a type, which is then among those that `all` gives. */
  refer(struct: StructSchema): SchemaNode;
  /** A reference to a type by its name in the schema tables. */
  referTo(name: string): SchemaNode;
  /** Adds a type that no table has. */
  add(publishedName: string, node: SchemaNode): SchemaNode;
  /** Every type referred to so far, and those that these refer to, by published name. */
  all(): ReadonlyMap<string, SchemaNode>;
}

/** Creates an empty set. `groupVersion` narrows kinds that stand in every group-version to that one; left out: all. */
export function createDefinitions(context: {
  readonly schemas: SchemaRegistry;
  readonly descriptions: Descriptions;
  readonly groupVersion?: { readonly group: string; readonly version: string };
}): Definitions {
  const { schemas, descriptions, groupVersion } = context;
  const built = new Map<string, SchemaNode>();
  const pending: StructSchema[] = [];

  const refer = (struct: StructSchema): SchemaNode => {
    if (!built.has(struct.openapiName)) {
      built.set(struct.openapiName, {});
      pending.push(struct);
    }
    return { ref: struct.openapiName };
  };
  const referToScalar = (scalar: keyof typeof namedScalars): SchemaNode => {
    const { name, description, node } = namedScalars[scalar];
    if (!built.has(name)) built.set(name, { ...node, description });
    return { ref: name };
  };
  const nodeOf = (type: FieldType): SchemaNode => {
    switch (type.kind) {
      case "struct":
        return refer(type.struct);
      case "list":
        return { type: "array", items: itemOf(type.element) };
      case "map":
        return { type: "object", additionalProperties: itemOf(type.value) };
      case "scalar":
        return isNamed(type.scalar) ? referToScalar(type.scalar) : plainScalars[type.scalar];
    }
  };
  /** Items are never null, so they have the zero of their type as default. */
  const itemOf = (type: FieldType): SchemaNode => withDefault(nodeOf(type), zeroDefault(type));

  const property = (struct: StructSchema, field: FieldSchema): SchemaNode => {
    const { row } = field;
    const values = row.enum === undefined ? undefined : schemas.enumValues(row.enum);
    const node = nodeOf(field.type);
    const own = field.pointer || !writesZero(field) ? undefined : zeroDefault(field.type);
    return {
      ...withEnum(withDefault(node, row.default ?? own), values),
      ...describedBy(descriptions, struct.name, field),
      ...extensionsOf(row),
    };
  };
  const build = (struct: StructSchema): SchemaNode => {
    const description = describeField(descriptions, struct.name, "");
    if (struct.row.jsonForm !== undefined) return described({}, description);
    const properties: Record<string, SchemaNode> = Object.create(null);
    if (struct.typeMeta)
      for (const name of ["apiVersion", "kind"])
        properties[name] = described({ type: "string" }, describeField(descriptions, struct.name, name));
    for (const field of struct.fields) properties[field.name] = property(struct, field);
    const extensions = { ...mapType(struct), ...unionOf(struct), ...kindsOf(struct, groupVersion) };
    return {
      ...described({ type: "object" }, description),
      required: struct.fields.filter((field) => field.row.required === true).map((field) => field.name),
      ...(Object.keys(properties).length === 0 ? {} : { properties }),
      ...(Object.keys(extensions).length === 0 ? {} : { extensions }),
    };
  };

  return {
    refer,
    referTo: (name) => refer(schemas.struct(name)),
    add(publishedName, node) {
      built.set(publishedName, node);
      return { ref: publishedName };
    },
    all() {
      for (let struct = pending.pop(); struct !== undefined; struct = pending.pop())
        built.set(struct.openapiName, build(struct));
      return built;
    },
  };
}

const machinery = "io.k8s.apimachinery.pkg";

/** Scalars that are published as types of their own. No client library describes them, so the words are ours. */
const namedScalars = {
  quantity: {
    name: `${machinery}.api.resource.Quantity`,
    description:
      "An exact amount: a number with an optional suffix, decimal (n u m k M G T P E), binary (Ki Mi Gi Ti Pi Ei) or an exponent (1e3), for example 500m, 128Mi or 0.5.",
    node: { type: "string", oneOf: [{ type: "string" }, { type: "number" }] },
  },
  intOrString: {
    name: `${machinery}.util.intstr.IntOrString`,
    description: "A whole number or a text, such as a port by its number or name, or a count or percentage.",
    node: { type: "string", format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
  },
  time: {
    name: `${machinery}.apis.meta.v1.Time`,
    description: "A point in time in RFC 3339, to the second.",
    node: { type: "string", format: "date-time" },
  },
  microTime: {
    name: `${machinery}.apis.meta.v1.MicroTime`,
    description: "A point in time in RFC 3339, to the microsecond.",
    node: { type: "string", format: "date-time" },
  },
  duration: {
    name: `${machinery}.apis.meta.v1.Duration`,
    description: "A length of time such as 1h30m or 500ms.",
    node: { type: "string" },
  },
  rawExtension: {
    name: `${machinery}.runtime.RawExtension`,
    description: "An object of any kind, kept as it is.",
    node: { type: "object" },
  },
  fieldsV1: {
    name: `${machinery}.apis.meta.v1.FieldsV1`,
    description:
      "A set of fields as a tree: f:<name> for a field, k:<keys>, v:<value> or i:<index> for an item of a list.",
    node: { type: "object" },
  },
  json: {
    name: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
    description: "Any JSON value: an object, list, text, number, boolean or null.",
    node: {},
  },
} as const satisfies Readonly<
  Partial<Record<ScalarName, { readonly name: string; readonly description: string; readonly node: SchemaNode }>>
>;

type NamedScalar = keyof typeof namedScalars;

function isNamed(scalar: ScalarName): scalar is NamedScalar {
  return Object.hasOwn(namedScalars, scalar);
}

const plainScalars: Readonly<Record<Exclude<ScalarName, NamedScalar>, SchemaNode>> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  float64: { type: "number", format: "double" },
  bytes: { type: "string", format: "byte" },
  stringList: { type: "array", items: { type: "string", default: "" } },
};

const zeroDefaults: Readonly<Partial<Record<ScalarName, unknown>>> = {
  string: "",
  bool: false,
  int32: 0,
  int64: 0,
  float64: 0,
};

/** Structs that are written even when empty have a default; of scalars those that are. */
function writesZero(field: FieldSchema): boolean {
  return field.type.kind === "struct" || field.row.always === true;
}

function zeroDefault(type: FieldType): unknown {
  if (type.kind === "struct") return type.struct.row.jsonForm === undefined ? {} : undefined;
  return type.kind === "scalar" ? zeroDefaults[type.scalar] : undefined;
}

function withDefault(node: SchemaNode, value: unknown): SchemaNode {
  return value === undefined ? node : { ...node, default: value };
}

function described(node: SchemaNode, description: string | undefined): SchemaNode {
  return description === undefined ? node : { ...node, description };
}

/** Fields for which nothing is known are described by what their type is for. */
function describedBy(descriptions: Descriptions, type: string, field: FieldSchema): { readonly description?: string } {
  const description = describeField(descriptions, type, field.name) ?? describeType(descriptions, field.type);
  return description === undefined ? {} : { description };
}

function describeType(descriptions: Descriptions, type: FieldType): string | undefined {
  if (type.kind === "struct") return describeField(descriptions, type.struct.name, "");
  return undefined;
}

/** The values of a field, of the items of a list, or of a map. */
function withEnum(node: SchemaNode, values: readonly string[] | undefined): SchemaNode {
  if (values === undefined) return node;
  if (node.items !== undefined) return { ...node, items: withEnum(node.items, values) };
  if (node.additionalProperties !== undefined)
    return { ...node, additionalProperties: withEnum(node.additionalProperties, values) };
  return { ...node, enum: [...values].sort() };
}

function extensionsOf(row: FieldSchema["row"]): { readonly extensions?: Readonly<Record<string, unknown>> } {
  const extensions: Record<string, unknown> = {};
  if (row.listMapKeys !== undefined) extensions["x-kubernetes-list-map-keys"] = row.listMapKeys;
  if (row.listType !== undefined) extensions["x-kubernetes-list-type"] = row.listType;
  const map = row.mapType ?? row.structType;
  if (map !== undefined) extensions["x-kubernetes-map-type"] = map;
  if (row.patchMergeKey !== undefined) extensions["x-kubernetes-patch-merge-key"] = row.patchMergeKey;
  if (row.patchStrategy !== undefined) extensions["x-kubernetes-patch-strategy"] = row.patchStrategy;
  return Object.keys(extensions).length === 0 ? {} : { extensions };
}

function mapType(struct: StructSchema): object {
  const { structType } = struct.row;
  return structType === undefined ? {} : { "x-kubernetes-map-type": structType };
}

function unionOf(struct: StructSchema): object {
  if (struct.row.union !== true) return {};
  const discriminator = struct.fields.find((field) => field.row.discriminator === true)?.name;
  const members = struct.fields.filter((field) => field.name !== discriminator);
  const names = Object.fromEntries(
    members.map(({ name }) => [name, name.slice(0, 1).toUpperCase() + name.slice(1)]).sort(),
  );
  const union = { ...(discriminator === undefined ? {} : { discriminator }), "fields-to-discriminateBy": names };
  return { "x-kubernetes-unions": [union] };
}

/** Which kinds a type is; options and watch events are kinds of every group-version. */
function kindsOf(
  struct: StructSchema,
  groupVersion: { readonly group: string; readonly version: string } | undefined,
): object {
  const core = { group: "", version: "v1" };
  const others = groupVersion === undefined ? groupVersions : [groupVersion];
  const everywhere = [core, ...others.filter((one) => one.group !== "")];
  const kinds = kindsOfType(struct.name).flatMap(({ group, version, kind }) => {
    if (group !== "*") return [{ group, kind, version }];
    return everywhere.map((one) => ({ group: one.group, kind, version: one.version }));
  });
  return kinds.length === 0 ? {} : { "x-kubernetes-group-version-kind": kinds };
}
