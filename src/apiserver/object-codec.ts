import { decodeObject } from "../api/decode.ts";
import { freezeDeep } from "../api/freeze.ts";
import { encodeJsonBytes, parseJson } from "../api/json.ts";
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
  return {
    encode: encodeJsonBytes,
    decode(bytes) {
      const { object } = decodeObject<ApiObject>(served.schema, parseJson(bytes).value);
      served.definition.applyDefaults?.(object);
      return freezeDeep(object);
    },
  };
}
