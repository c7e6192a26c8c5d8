import type { Draft } from "../api/draft.ts";
import type { FieldError } from "../api/field-error.ts";
import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import type { UserInfo } from "../api/user.ts";
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { TableDefinition } from "../printing/table.ts";

/**
 * Everything that the API server must know about one kind beyond what the schema tables say. Every part may be left
 * out: the tables alone give a kind that is stored, listed, watched, patched and checked for structure.
 *
 * A write goes: decode, `applyDefaults`, `prepareForCreate` or `prepareForUpdate`, admission, `validate` (and
 * `validateUpdate`), store. All functions are pure but for writing to the draft they are given.
 */
export interface ResourceDefinition<T extends ApiObject> {
  readonly resource: Resource<T>;

  /** Fills in what the API defines as default. Runs on every write and on objects read from disk. */
  readonly applyDefaults?: (draft: Draft<T>) => void;

  /** Rules of the name. Default: a DNS subdomain. */
  readonly nameRule?: "dnsSubdomain" | "dnsLabel" | "dns1035Label" | "pathSegment";

  /**
   * Whether `metadata.generation` counts changes outside metadata and status. Default: true for kinds with a spec
   * and a status sub-resource.
   */
  readonly countsGeneration?: boolean;

  /** Clears what users may not set (status) and sets what the server sets on create. Default: empties status where there is a status sub-resource. */
  readonly prepareForCreate?: (draft: Draft<T>, context: WriteContext) => void;

  /** Carries over what a plain update may not change. Default: keeps the old status where there is a status sub-resource. */
  readonly prepareForUpdate?: (draft: Draft<T>, old: T, context: WriteContext) => void;

  /** Carries over what an update of `/status` may not change. Default: keeps the old spec, labels and owner references stay writable as upstream has them. */
  readonly prepareForStatusUpdate?: (draft: Draft<T>, old: T, context: WriteContext) => void;

  /** What is wrong with a new object. Metadata is checked for all kinds alike and is not repeated here. */
  readonly validate?: (object: T) => FieldError[];

  /** What is wrong with a change; also run: `validate` on the new object, unless `validatesWholeUpdate`. */
  readonly validateUpdate?: (object: T, old: T) => FieldError[];

  /** What is wrong with a change of `/status`. */
  readonly validateStatusUpdate?: (object: T, old: T) => FieldError[];

  /** Set when `validateUpdate` already does all that is wanted, because old objects may break rules made later. */
  readonly validatesWholeUpdate?: boolean;

  /** Last touches once the final name is known, after validation. Runs on create and update. */
  readonly canonicalize?: (draft: Draft<T>) => void;

  /** Sub-resources beside `status` through which the object itself is updated, such as a pod's `ephemeralcontainers`. */
  readonly subresourceUpdates?: Readonly<Record<string, SubresourceUpdate<T>>>;

  /** `Warning` headers for a create or update that succeeds. */
  readonly warnings?: (object: T, old: T | undefined) => readonly string[];

  /** Fields beside metadata.name and metadata.namespace that `--field-selector` may name. */
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>;

  /** Columns of server-side tables. Default: Name and Age. */
  readonly table?: TableDefinition<T>;

  /**
   * How a delete without preconditions proceeds. `graceSeconds` above zero leaves the object with a
   * deletionTimestamp until its agent removes it. Default: at once.
   */
  readonly gracefulDelete?: (object: T, requestedGraceSeconds: number | undefined) => { readonly graceSeconds: number };

  /** What deleting does to dependants when the request does not say. Default `background`. */
  readonly defaultPropagation?: "background" | "orphan";

  /** A PUT to a name that does not exist creates it. */
  readonly allowCreateOnUpdate?: boolean;

  /** An update must carry a resourceVersion. Default: it may be left out. */
  readonly requiresVersionOnUpdate?: boolean;

  /** How long a stored object lives, in seconds; events live an hour. */
  readonly ttlSeconds?: number;

  /** The `scale` sub-resource. */
  readonly scale?: ScaleAccess<T>;

  /** Another version of a kind: stored as `storage`, converted on the way in and out. */
  readonly conversion?: Conversion<T>;
}

/** What strategies may depend on beside the object itself. */
export interface WriteContext {
  readonly user: UserInfo;
  readonly clock: Clock;
  readonly random: Random;
  /** Adds a `Warning` header. Left out where nobody listens. */
  readonly warn?: (message: string) => void;
}

/** An update of a whole object that may change a part of it only. */
export interface SubresourceUpdate<T> {
  /** Carries over what this sub-resource may not change. */
  readonly prepare: (draft: Draft<T>, old: T, context: WriteContext) => void;
  /** What is wrong with the change. Nothing else is run. */
  readonly validate: (object: T, old: T) => FieldError[];
}

export interface ScaleAccess<T> {
  readonly replicas: (object: T) => number;
  readonly setReplicas: (draft: Draft<T>, replicas: number) => void;
  readonly statusReplicas: (object: T) => number;
  /** The selector in its string form. */
  readonly selector: (object: T) => string;
}

// oxlint-disable-next-line typescript/no-explicit-any -- two versions of a kind, neither of which the other knows
export interface Conversion<T, Stored extends ApiObject = any> {
  readonly storage: Resource<Stored>;
  readonly toStored: (object: T) => Stored;
  readonly fromStored: (stored: Stored) => T;
  /** Stands in for `validate` of the stored version when an object is created through this version. */
  readonly validateCreate?: (stored: Stored) => FieldError[];
  /** Stands in for `validate` and `validateUpdate` of the stored version when an object is changed through this version. */
  readonly validateUpdate?: (stored: Stored, old: Stored) => FieldError[];
}

/** Declares a definition; keeps its type exact and lets lists hold definitions of any kind. */
export function defineResource<T extends ApiObject>(definition: ResourceDefinition<T>): ResourceDefinition<T> {
  return definition;
}

/** A definition of some kind, in lists of all kinds. */
// oxlint-disable-next-line typescript/no-explicit-any -- functions of unlike kinds stand in one list
export type AnyResourceDefinition = ResourceDefinition<any>;
