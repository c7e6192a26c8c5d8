/**
 * A value that is still being built: the same shape with every field writable. API types are read-only because stored
 * objects are shared; only defaulting, admission and strategies hold a draft, before an object is stored.
 */
export type Draft<T> = T extends (...parameters: never[]) => unknown
  ? T
  : T extends readonly (infer Item)[]
    ? Draft<Item>[]
    : T extends object
      ? { -readonly [Key in keyof T]: Draft<T[Key]> }
      : T;

/**
 * What one may hand in to create or replace an object: any part may be left out, because the server completes and
 * validates it.
 */
export type Input<T> = T extends readonly (infer Item)[]
  ? readonly Input<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Input<T[Key]> | null }
    : T;
