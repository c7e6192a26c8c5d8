import { decodeObject } from "../api/decode.ts";
import { freezeDeep } from "../api/freeze.ts";
import { parseJson } from "../api/json.ts";
import { isJsonObject, type JsonObject } from "../api/json-value.ts";
import { findKind } from "../api/kinds.ts";
import { createSchemaRegistry, type StructSchema } from "../api/schema.ts";

/** Kind and version of an object that does not say them: items of a list do not. */
export interface AssumedKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Turns what servers send into complete, frozen objects. */
export interface ObjectReader {
  /** @throws {Error} when this is no JSON object, or one that does not fit its kind */
  read<T>(bytes: Uint8Array, assumed?: AssumedKind): T;
  /** The same of JSON that has been read already. */
  complete<T>(value: unknown, assumed?: AssumedKind): T;
}

/** Creates a reader. Objects of kinds that it does not know stay as they are. */
export function createObjectReader(): ObjectReader {
  const registry = createSchemaRegistry();
  const schemas = new Map<string, StructSchema | undefined>();
  const schemaOf = (apiVersion: string, kind: string): StructSchema | undefined => {
    const key = `${apiVersion} ${kind}`;
    if (!schemas.has(key)) {
      const type = findKind(apiVersion, kind)?.type;
      schemas.set(key, type === undefined ? undefined : registry.struct(type));
    }
    return schemas.get(key);
  };
  const complete = <T>(value: unknown, assumed?: AssumedKind): T => {
    if (!isJsonObject(value as never)) throw new Error("the server sent no object");
    const object = { ...assumed, ...withoutEmptyKind(value as JsonObject) };
    const schema = schemaOf(String(object["apiVersion"]), String(object["kind"]));
    return freezeDeep(schema === undefined ? (object as T) : decodeObject<T>(schema, object).object);
  };
  return { complete, read: (bytes, assumed) => complete(parseJson(bytes).value, assumed) };
}

function withoutEmptyKind(value: JsonObject): JsonObject {
  if (value["kind"] !== "" && value["apiVersion"] !== "") return value;
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = value;
  return rest;
}
