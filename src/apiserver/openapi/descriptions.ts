/**
 * What types, fields and parameters are for, in upstream's words. Not part of this project: `npm run
 * build:descriptions` takes them from the doc comments of a client library. Everything works without them.
 */
export interface Descriptions {
  /** By `<group>.<version>.<Type>`: that of each field by its name, and that of the type itself under the empty name. */
  readonly types: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of query parameters, by name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Where a parameter means something else than it mostly does: by operation, as client libraries name it, then by name. */
  readonly operationParameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** No descriptions at all. */
export const noDescriptions: Descriptions = { types: {}, parameters: {}, operationParameters: {} };

/** What a type or one of its fields is for; undefined when nothing is known. */
export function describeField(descriptions: Descriptions, type: string, field: string): string | undefined {
  const own = Object.hasOwn(descriptions.types, type) ? descriptions.types[type] : undefined;
  return own !== undefined && Object.hasOwn(own, field) ? own[field] : undefined;
}

/** What a parameter of an operation is for; undefined when nothing is known. */
export function describeParameter(descriptions: Descriptions, operation: string, name: string): string | undefined {
  const { operationParameters, parameters } = descriptions;
  const own = Object.hasOwn(operationParameters, operation) ? operationParameters[operation] : undefined;
  if (own !== undefined && Object.hasOwn(own, name)) return own[name];
  return Object.hasOwn(parameters, name) ? parameters[name] : undefined;
}
