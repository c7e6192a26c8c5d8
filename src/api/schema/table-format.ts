/**
 * The shape of the API tables in `v1.36/*.json`: what every group-version, type and kind looks like on the wire.
 * `v1.36/README.md` explains each key; this file gives the keys their types.
 */

/** One `<group>.<version>.json` file. */
export interface GroupVersionTable {
  readonly file: string;
  readonly group: string;
  readonly version: string;
  /** Prefix of OpenAPI schema names, for example `io.k8s.api.apps.v1`. */
  readonly openapiPrefix?: string;
  readonly types: Readonly<Record<string, TypeRow>>;
  readonly enums?: Readonly<Record<string, EnumRow>>;
}

export interface EnumRow {
  /** True when the API publishes the values as an OpenAPI enum. */
  readonly closed?: boolean;
  readonly values: readonly string[];
}

export interface TypeRow {
  /** The JSON form starts with `kind` and `apiVersion`. */
  readonly typeMeta?: boolean;
  readonly structType?: string;
  readonly union?: unknown;
  readonly pb?: boolean;
  readonly jsonForm?: "schemaOrArray" | "schemaOrBool" | "schemaOrStringArray";
  readonly fields: readonly FieldRow[];
}

export interface FieldRow {
  readonly name?: string;
  readonly inline?: boolean;
  /** A scalar name, `ref:<file>.<Type>`, `[]T` or `map[string]T`. */
  readonly type: string;
  readonly pb?: number;
  readonly pbName?: string;
  readonly wire?: number;
  readonly required?: boolean;
  /** Written even when zero; nil lists, maps and pointers become null. */
  readonly always?: boolean;
  readonly omitzero?: boolean;
  readonly ptr?: boolean;
  /** `<file>.<Name>` in the `enums` of that file. */
  readonly enum?: string;
  readonly keyEnum?: string;
  readonly default?: unknown;
  readonly gate?: unknown;
  readonly listType?: string;
  readonly listMapKeys?: readonly string[];
  readonly mapType?: string;
  readonly structType?: string;
  readonly patchStrategy?: string;
  readonly patchMergeKey?: string;
  readonly alias?: string;
  readonly oneOf?: unknown;
  readonly zeroOrOneOf?: unknown;
  readonly discriminator?: unknown;
  readonly dv?: unknown;
}

/** `kinds.json`. */
export interface KindsTable {
  readonly groupVersions: readonly GroupVersionRow[];
  readonly kinds: readonly KindRow[];
}

export interface GroupVersionRow {
  readonly group: string;
  readonly version: string;
  readonly file: string;
  readonly resources: boolean;
  readonly servedByDefault?: boolean;
  readonly preferred?: boolean;
}

export interface KindRow {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** `<file>.<Type>`. */
  readonly type: string;
  readonly class: "object" | "list" | "options" | "other";
  readonly item?: string;
  readonly plural?: string;
  readonly singular?: string;
  readonly namespaced?: boolean;
  readonly verbs?: readonly string[];
  readonly listKind?: string;
  readonly subresources?: readonly SubresourceRow[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly preferred?: boolean;
  readonly servedByDefault?: boolean;
  readonly storageVersion?: string;
  readonly storage?: boolean;
  readonly storageVersionHash?: string;
}

export interface SubresourceRow {
  readonly name: string;
  readonly verbs: readonly string[];
  /** `[group/]version.Kind` when the sub-resource speaks another kind than its parent. */
  readonly kind?: string;
}
