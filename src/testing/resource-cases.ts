import { decodeObject } from "../api/decode.ts";
import type { Draft } from "../api/draft.ts";
import type { FieldError } from "../api/field-error.ts";
import { equalJson, type JsonObject, type JsonValue } from "../api/json-value.ts";
import { findKind } from "../api/kinds.ts";
import { applyMergePatch } from "../api/merge-patch.ts";
import type { ApiObject } from "../api/metadata.ts";
import { apiVersionOf } from "../api/resource.ts";
import { createSchemaRegistry } from "../api/schema.ts";
import { invalid } from "../api/status-error.ts";
import { createSeededRandom } from "../base/random.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import type { AnyResourceDefinition, WriteContext } from "../resources/definition.ts";

/** A write, and what an API server of level v1.36 was seen to answer. */
export interface ResourceCase {
  readonly name: string;
  /** The object as it was stored before; left out for a create. */
  readonly old?: unknown;
  /** What is written; left out where `patch` says what becomes of the old object. */
  readonly object?: unknown;
  /** The change, as a merge patch of the old object. */
  readonly patch?: unknown;
  readonly subresource?: string;
  /** The refusal; left out when the write succeeds. */
  readonly message?: string;
  readonly warnings?: readonly string[];
}

/** What a definition does with a write: what a `ResourceCase` expects. */
export interface ResourceAnswer {
  readonly message?: string;
  readonly warnings?: readonly string[];
}

type AnyObject = Draft<ApiObject>;

const schemas = createSchemaRegistry();
const namespace = "tests";

/** Puts a write through a definition, as the API server does but for admission and metadata. */
export function answerOf(definition: AnyResourceDefinition, write: ResourceCase): ResourceAnswer {
  const warned: string[] = [];
  const context: WriteContext = {
    user: { username: "admin", groups: ["system:masters"] },
    clock: createVirtualClock(),
    random: createSeededRandom(1),
    warn: (message) => warned.push(message),
  };
  const written =
    write.patch === undefined ? write.object : applyMergePatch(write.old as JsonObject, write.patch as JsonValue);
  const object = decode(definition, written);
  const old = write.old === undefined ? undefined : (decode(definition, write.old) as ApiObject);
  const errors =
    old === undefined ? create(definition, object, context) : update(definition, write, object, old, context);
  if (errors.length > 0) return { message: invalid(definition.resource, object.metadata.name, errors).message };
  const isWhole = write.subresource === undefined;
  const warnings = [...warned, ...((isWhole ? definition.warnings?.(object, old) : undefined) ?? [])];
  return warnings.length === 0 ? {} : { warnings };
}

/** The answer that a case expects. */
export function expectedAnswer({ message, warnings }: ResourceCase): ResourceAnswer {
  return { ...(message === undefined ? {} : { message }), ...(warnings === undefined ? {} : { warnings }) };
}

/** A complete object with defaults, as it stands before admission. */
export function decode(definition: AnyResourceDefinition, value: unknown): AnyObject {
  const { resource } = definition;
  const type = findKind(apiVersionOf(resource), resource.kind)?.type ?? "";
  const { object } = decodeObject<AnyObject>(schemas.struct(type), value);
  if (resource.namespaced) Object.assign(object.metadata, { namespace });
  object.metadata.uid = "uid";
  definition.applyDefaults?.(object);
  return object;
}

function create(definition: AnyResourceDefinition, object: AnyObject, context: WriteContext): FieldError[] {
  definition.prepareForCreate?.(object, context);
  return definition.validate?.(object) ?? [];
}

function update(
  definition: AnyResourceDefinition,
  { subresource }: ResourceCase,
  object: AnyObject,
  old: ApiObject,
  context: WriteContext,
): FieldError[] {
  if (subresource === "status") {
    definition.prepareForStatusUpdate?.(object, old, context);
    return definition.validateStatusUpdate?.(object, old) ?? [];
  }
  if (subresource !== undefined) {
    const access = definition.subresourceUpdates?.[subresource];
    access?.prepare(object, old, context);
    return access?.validate(object, old) ?? [];
  }
  definition.prepareForUpdate?.(object, old, context);
  countGeneration(object, old);
  const own = definition.validatesWholeUpdate === true ? [] : (definition.validate?.(object) ?? []);
  return [...own, ...(definition.validateUpdate?.(object, old) ?? [])];
}

/** Counts changes as the API server does, because some warnings depend on it. */
function countGeneration(object: AnyObject, old: ApiObject): void {
  const { metadata, status: _status, ...fields } = object as AnyObject & { readonly status?: unknown };
  const { metadata: oldMetadata, status: _oldStatus, ...oldFields } = old as ApiObject & { readonly status?: unknown };
  if (metadata.generation !== oldMetadata.generation) return;
  if (!equalJson(fields as unknown as JsonValue, oldFields as unknown as JsonValue))
    metadata.generation = (oldMetadata.generation ?? 0) + 1;
}
