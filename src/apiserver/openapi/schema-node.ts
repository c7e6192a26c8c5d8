/** A schema on its way into a document of either version. Types are referred to by their published names. */
export interface SchemaNode {
  readonly ref?: string;
  readonly description?: string;
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly format?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  /** `x-kubernetes-*`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The version of the OpenAPI format that a document is written in. */
export type Dialect = "v2" | "v3";

const refPrefixes: Readonly<Record<Dialect, string>> = { v2: "#/definitions/", v3: "#/components/schemas/" };

/** Writes a schema. Version 2 knows neither defaults nor alternatives here, and version 3 nothing beside a reference. */
export function renderSchema(node: SchemaNode, dialect: Dialect): object {
  const { ref, description, type, format, required, items, additionalProperties, oneOf } = node;
  const isV3 = dialect === "v3";
  const hasDefault = isV3 && node.default !== undefined;
  const reference = ref === undefined ? undefined : { $ref: refPrefixes[dialect] + ref };
  const isWrapped = isV3 && (description !== undefined || hasDefault);
  return {
    ...(description === undefined ? {} : { description }),
    ...(type === undefined || (isV3 && oneOf !== undefined) ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...(hasDefault ? { default: node.default } : {}),
    ...(required === undefined || required.length === 0 ? {} : { required }),
    ...(node.properties === undefined ? {} : { properties: renderProperties(node.properties, dialect) }),
    ...(items === undefined ? {} : { items: renderSchema(items, dialect) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: renderSchema(additionalProperties, dialect) }),
    ...(node.enum === undefined ? {} : { enum: node.enum }),
    ...(isV3 && oneOf !== undefined ? { oneOf: oneOf.map((item) => renderSchema(item, dialect)) } : {}),
    ...(reference === undefined ? {} : isWrapped ? { allOf: [reference] } : reference),
    ...node.extensions,
  };
}

function renderProperties(properties: Readonly<Record<string, SchemaNode>>, dialect: Dialect): object {
  const rendered: Record<string, object> = Object.create(null);
  for (const name of Object.keys(properties).sort())
    rendered[name] = renderSchema(properties[name] as SchemaNode, dialect);
  return rendered;
}
