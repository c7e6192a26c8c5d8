import { zeroOf } from "../../api/decode.ts";
import type { FieldError } from "../../api/field-error.ts";
import { equalJson } from "../../api/json-value.ts";
import type { ApiObject } from "../../api/metadata.ts";
import type { AnyResourceDefinition, WriteContext } from "../../resources/definition.ts";
import type { ServedResource } from "../resource-table.ts";
import { countsGeneration, hasStatusSubresource } from "./kind-rules.ts";
import { asJson } from "./object-metadata.ts";
import type { ObjectDraft } from "./write-request.ts";

/** What one way of updating an object may change, and what it checks. */
export interface UpdateStrategy {
  /** Carries over what this way may not change. */
  prepare(draft: ObjectDraft, old: ApiObject, context: WriteContext): void;
  /** The new object is checked as a whole, beside the change. */
  readonly validatesObject: boolean;
  /** Metadata is checked apart. */
  validate(object: ApiObject, old: ApiObject): FieldError[];
  warnings(object: ApiObject, old: ApiObject): readonly string[];
  canonicalize(draft: ObjectDraft): void;
}

type Fields = Record<string, unknown>;

/** Prepares a new object: status emptied, first generation. */
export function prepareForCreate(served: ServedResource, draft: ObjectDraft, context: WriteContext): void {
  const { definition } = served.storedAs;
  if (countsGeneration(served)) draft.metadata.generation = 1;
  if (definition.prepareForCreate !== undefined) definition.prepareForCreate(draft, context);
  else if (hasStatusSubresource(served)) emptyStatus(served, draft);
}

/**
 * The strategy of a plain update, or of an update through a sub-resource.
 * @returns undefined for a sub-resource through which the object cannot be updated
 */
export function updateStrategy(served: ServedResource, subresource: string): UpdateStrategy | undefined {
  const { definition } = served.storedAs;
  if (subresource === "") return plainStrategy(served, definition);
  const special = definition.subresourceUpdates?.[subresource];
  if (special !== undefined) {
    return {
      prepare(draft, old, context) {
        special.prepare(draft, old, context);
        countGeneration(served, draft, old);
      },
      validatesObject: false,
      validate: special.validate,
      warnings: () => [],
      canonicalize: () => undefined,
    };
  }
  if (subresource === "status") return statusStrategy(served, definition);
  return undefined;
}

function plainStrategy(served: ServedResource, definition: AnyResourceDefinition): UpdateStrategy {
  const validateOfVersion = served.definition.conversion?.validateUpdate;
  return {
    prepare(draft, old, context) {
      if (definition.prepareForUpdate !== undefined) definition.prepareForUpdate(draft, old, context);
      else if (hasStatusSubresource(served)) keep("status", draft, old);
      countGeneration(served, draft, old);
    },
    validatesObject: definition.validatesWholeUpdate !== true,
    validate: (object, old) =>
      validateOfVersion?.(object, old) ?? [
        ...(definition.validatesWholeUpdate === true ? [] : (definition.validate?.(object) ?? [])),
        ...(definition.validateUpdate?.(object, old) ?? []),
      ],
    warnings: (object, old) => definition.warnings?.(object, old) ?? [],
    canonicalize: (draft) => definition.canonicalize?.(draft),
  };
}

function statusStrategy(served: ServedResource, definition: AnyResourceDefinition): UpdateStrategy {
  return {
    prepare(draft, old, context) {
      if (definition.prepareForStatusUpdate !== undefined) definition.prepareForStatusUpdate(draft, old, context);
      else
        for (const { name } of served.storedAs.schema.fields)
          if (name !== "metadata" && name !== "status") keep(name, draft, old);
    },
    validatesObject: false,
    validate: (object, old) => definition.validateStatusUpdate?.(object, old) ?? [],
    warnings: () => [],
    canonicalize: (draft) => definition.canonicalize?.(draft),
  };
}

/** Counts a change of anything but metadata and status, unless the kind's own preparation has counted already. */
function countGeneration(served: ServedResource, draft: ObjectDraft, old: ApiObject): void {
  const before = old.metadata.generation ?? 0;
  if (!countsGeneration(served) || (draft.metadata.generation ?? 0) !== before) return;
  const isChanged = served.storedAs.schema.fields.some(
    ({ name }) =>
      name !== "metadata" &&
      name !== "status" &&
      !equalJson(asJson((draft as unknown as Fields)[name] ?? null), asJson((old as unknown as Fields)[name] ?? null)),
  );
  if (isChanged) draft.metadata.generation = before + 1;
}

function keep(field: string, draft: ObjectDraft, old: ApiObject): void {
  const fields = draft as unknown as Fields;
  const value = (old as unknown as Fields)[field];
  if (value === undefined) delete fields[field];
  else fields[field] = value;
}

/** The status of a new object is what the schema gives when nothing is said. */
function emptyStatus(served: ServedResource, draft: ObjectDraft): void {
  const field = served.storedAs.schema.byName.get("status");
  const fields = draft as unknown as Fields;
  if (field === undefined || field.whenEmpty === "omit") delete fields["status"];
  else fields["status"] = field.whenEmpty === "null" ? null : zeroOf(field.type);
}
