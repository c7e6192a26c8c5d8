import { decodeObject } from "../api/decode.ts";
import { freezeDeep } from "../api/freeze.ts";
import type { ApiObject } from "../api/metadata.ts";
import type { ServedResource } from "./resource-table.ts";
import type { Decode, Encode } from "./stored-object.ts";

/** How objects of one kind become bytes and come back. */
export interface ObjectCodec {
  readonly encode: Encode;
  readonly decode: Decode;
}

/** The codec of a kind: JSON, with the defaults of today filled in when it is read. */
export function createObjectCodec(served: ServedResource): ObjectCodec {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return {
    encode: encodeJson,
    decode(bytes) {
      const { object } = decodeObject<ApiObject>(served.schema, JSON.parse(decoder.decode(bytes)));
      served.definition.applyDefaults?.(object);
      return freezeDeep(object);
    },
  };
}

const encoder = new TextEncoder();

/** JSON in UTF-8. */
export function encodeJson(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
