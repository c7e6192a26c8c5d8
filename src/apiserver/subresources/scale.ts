import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { invalid } from "../../api/status-error.ts";
import type { Scale } from "../../api/types/autoscaling-v1.ts";
import type { ScaleAccess } from "../../resources/definition.ts";
import { draftOf } from "../registry/draft-of.ts";
import type { ObjectDraft } from "../registry/write-request.ts";

/** The scale of an object, as its sub-resource shows it. */
export function scaleOf(object: ApiObject, access: ScaleAccess<ApiObject>): Scale {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = access.replicas(object);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: access.statusReplicas(object), selector: access.selector(object) },
  } as Scale;
}

/**
 * The object with the replicas that a scale asks for.
 * @throws {StatusError} Invalid for a number that cannot be
 */
export function withScale(object: ApiObject, access: ScaleAccess<ApiObject>, scale: Scale): ObjectDraft {
  const errors = validateScale(scale);
  if (errors.length > 0) throw invalid({ group: "autoscaling", kind: "Scale" }, scale.metadata.name ?? "", errors);
  const draft = draftOf(object) as ObjectDraft;
  access.setReplicas(draft, scale.spec.replicas ?? 0);
  draft.metadata.resourceVersion = scale.metadata.resourceVersion ?? "";
  return draft;
}

function validateScale(scale: Scale): FieldError[] {
  const replicas = scale.spec.replicas ?? 0;
  if (replicas >= 0) return [];
  const path = FieldPath.of("spec").child("replicas");
  return [fieldError.invalid(path, replicas, "must be greater than or equal to 0")];
}
