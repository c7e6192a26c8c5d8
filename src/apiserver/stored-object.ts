import type { ApiObject } from "../api/metadata.ts";

/** Turns a value into its JSON bytes. */
export type Encode = (value: object) => Uint8Array;
/** Turns bytes from the store into a complete, defaulted, frozen value. */
export type Decode = (bytes: Uint8Array) => ApiObject;

/**
 * One version of an object: a frozen value and its JSON bytes, both made at most once and shared by everybody who
 * reads it. A write brings both; an object read from disk is decoded when somebody first looks inside, because after a
 * restart most are not looked at for a while.
 */
export class StoredObject {
  /** Key below its kind's prefix: `namespace/name`, or `name` for kinds without a namespace. */
  readonly key: string;
  /** Revision of the write that made this version. */
  readonly revision: number;
  #value: ApiObject | undefined;
  #bytes: Uint8Array | undefined;
  #stored: { readonly bytes: Uint8Array; readonly decode: Decode } | undefined;
  readonly #encode: Encode;

  private constructor(key: string, revision: number, encode: Encode) {
    this.key = key;
    this.revision = revision;
    this.#encode = encode;
  }

  /** A version made here. Without bytes they are encoded when first asked for. */
  static made(key: string, revision: number, value: ApiObject, encode: Encode, bytes?: Uint8Array): StoredObject {
    const object = new StoredObject(key, revision, encode);
    object.#value = value;
    object.#bytes = bytes;
    return object;
  }

  /** A version read from the store, not decoded yet. */
  static read(key: string, revision: number, bytes: Uint8Array, decode: Decode, encode: Encode): StoredObject {
    const object = new StoredObject(key, revision, encode);
    object.#stored = { bytes, decode };
    return object;
  }

  get value(): ApiObject {
    if (this.#value === undefined) {
      const stored = this.#stored as { readonly bytes: Uint8Array; readonly decode: Decode };
      this.#value = stored.decode(stored.bytes);
      this.#stored = undefined;
    }
    return this.#value;
  }

  /** JSON as clients receive it. Never the bytes on disk, which may lack defaults that came later. */
  get bytes(): Uint8Array {
    this.#bytes ??= this.#encode(this.value);
    return this.#bytes;
  }

  /** Empty for kinds without a namespace. */
  get namespace(): string {
    const slash = this.key.indexOf("/");
    return slash < 0 ? "" : this.key.slice(0, slash);
  }

  get name(): string {
    return this.key.slice(this.key.indexOf("/") + 1);
  }
}
