import type { Draft } from "../../api/draft.ts";
import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { type FieldRequirement, parseFieldSelector, SelectorError } from "../../api/field-selector.ts";
import { parseLabelSelector } from "../../api/label-selector.ts";
import { localSubjectAccessReviews, selfSubjectAccessReviews, subjectAccessReviews } from "../../api/resources.ts";
import { badRequest, invalid } from "../../api/status-error.ts";
import type {
  FieldSelectorAttributes,
  LabelSelectorAttributes,
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectAccessReviewSpec,
  SubjectAccessReview,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from "../../api/types/authorization-v1.ts";
import type { ObjectMeta } from "../../api/types/meta-v1.ts";
import type { UserInfo } from "../../api/user.ts";
import type { RequestAttributes } from "../attributes.ts";
import type { Authorizer } from "../authorization.ts";
import type { SpecialResource } from "../special-resource.ts";
import { validateAccessReview } from "./access-review-validation.ts";

/** Upstream's message names the kind as it stands before it is known: empty. */
const kind = { group: "authorization.k8s.io", kind: "" };

/** Answers what some user may do. Source: authorization.k8s.io/v1 SubjectAccessReview. */
export function createSubjectAccessReviewResource(authorizer: Authorizer): SpecialResource<SubjectAccessReview> {
  return {
    resource: subjectAccessReviews,
    create(_request, body) {
      refuseIf([
        ...validateAccessReview(body.spec, userFaults(body.spec)),
        ...metadataFaults(body.metadata, "must be empty"),
      ]);
      return { ...body, status: review(authorizer, body.spec, userOf(body.spec)) };
    },
  };
}

/** Answers what some user may do in one namespace. Source: authorization.k8s.io/v1 LocalSubjectAccessReview. */
export function createLocalSubjectAccessReviewResource(
  authorizer: Authorizer,
): SpecialResource<LocalSubjectAccessReview> {
  return {
    resource: localSubjectAccessReviews,
    create({ attributes }, body) {
      const { namespace = "", ...rest } = body.metadata;
      refuseIf([
        ...validateAccessReview(body.spec, userFaults(body.spec)),
        ...metadataFaults(rest, "must be empty except for namespace"),
        ...localFaults(body.spec, namespace),
      ]);
      if (namespace !== attributes.namespace)
        throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${attributes.namespace}`);
      return { ...body, status: review(authorizer, body.spec, userOf(body.spec)) };
    },
  };
}

/** Answers what the asking user may do. Source: authorization.k8s.io/v1 SelfSubjectAccessReview. */
export function createSelfSubjectAccessReviewResource(
  authorizer: Authorizer,
): SpecialResource<SelfSubjectAccessReview> {
  return {
    resource: selfSubjectAccessReviews,
    create({ attributes }, body) {
      refuseIf([...validateAccessReview(body.spec, []), ...metadataFaults(body.metadata, "must be empty")]);
      return { ...body, status: review(authorizer, body.spec, attributes.user) };
    },
  };
}

function refuseIf(errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(kind, "", errors);
}

function userFaults(spec: SubjectAccessReviewSpec): FieldError[] {
  if (spec.user !== undefined || (spec.groups ?? []).length > 0) return [];
  const at = FieldPath.of("spec").child("user");
  return [fieldError.invalid(at, "", "at least one of user or group must be specified")];
}

/** Reviews are not kept, so they have no name; managed fields are the server's own. */
function metadataFaults(metadata: ObjectMeta, rule: string): FieldError[] {
  const { managedFields: _ignored, creationTimestamp, ...given } = metadata as Record<string, unknown>;
  const isEmpty = Object.keys(given).length === 0 && (creationTimestamp ?? null) === null;
  return isEmpty ? [] : [fieldError.invalid(FieldPath.of("metadata"), metadata, rule)];
}

function localFaults(spec: SubjectAccessReviewSpec, namespace: string): FieldError[] {
  const errors: FieldError[] = [];
  const asked = spec.resourceAttributes?.namespace ?? "";
  if (spec.resourceAttributes !== undefined && asked !== namespace)
    errors.push(
      fieldError.invalid(FieldPath.of("spec.resourceAttributes.namespace"), asked, "must match metadata.namespace"),
    );
  if (spec.nonResourceAttributes !== undefined) {
    const { path = "", verb = "" } = spec.nonResourceAttributes;
    const at = FieldPath.of("spec.nonResourceAttributes");
    errors.push(fieldError.invalid(at, { Path: path, Verb: verb }, "disallowed on this kind of request"));
  }
  return errors;
}

function userOf(spec: SubjectAccessReviewSpec): UserInfo {
  const { user = "", groups = [], uid, extra } = spec;
  return {
    username: user,
    groups,
    ...(uid === undefined ? {} : { uid }),
    ...(extra === undefined ? {} : { extra }),
  };
}

function review(
  authorizer: Authorizer,
  spec: SelfSubjectAccessReviewSpec,
  user: UserInfo,
): Draft<SubjectAccessReviewStatus> {
  const complaints: string[] = [];
  const { outcome, reason } = authorizer.authorize(attributesOf(spec, user, complaints));
  return {
    allowed: outcome === "allow",
    ...(outcome === "deny" ? { denied: true } : {}),
    ...(reason === "" ? {} : { reason }),
    ...(complaints.length === 0 ? {} : { evaluationError: complaints.join("; ") }),
  };
}

/** What cannot be read of a selector is left out, which asks for more than was meant and never allows too much. */
function attributesOf(spec: SelfSubjectAccessReviewSpec, user: UserInfo, complaints: string[]): RequestAttributes {
  const { resourceAttributes: asked, nonResourceAttributes } = spec;
  if (asked === undefined) {
    const { path = "", verb = "" } = nonResourceAttributes ?? {};
    return { kind: "path", user, verb, path };
  }
  const fields = readFieldSelector(asked.fieldSelector);
  noteFault(complaints, "fieldSelector", fields.hasFault, fields.requirements.length);
  const labels = readLabelSelector(asked.labelSelector);
  noteFault(complaints, "labelSelector", labels.hasFault, labels.count);
  return {
    kind: "resource",
    user,
    verb: asked.verb ?? "",
    group: asked.group ?? "",
    version: asked.version ?? "*",
    resource: asked.resource ?? "",
    subresource: asked.subresource ?? "",
    namespace: asked.namespace ?? "",
    name: asked.name ?? "",
    ...(fields.requirements.length === 0 ? {} : { fieldSelector: fields.requirements }),
  };
}

function noteFault(complaints: string[], selector: string, hasFault: boolean, readable: number): void {
  if (!hasFault) return;
  const how = readable > 0 ? "partially ignored" : "ignored";
  complaints.push(`spec.resourceAttributes.${selector} ${how} due to parse error`);
}

function readFieldSelector(selector: FieldSelectorAttributes | undefined): {
  readonly requirements: readonly FieldRequirement[];
  readonly hasFault: boolean;
} {
  const listed = selector?.requirements ?? [];
  if (listed.length === 0) {
    const read = attempt(() => parseFieldSelector(selector?.rawSelector ?? "").requirements);
    return { requirements: read ?? [], hasFault: read === undefined };
  }
  const requirements: FieldRequirement[] = [];
  for (const { key, operator, values = [] } of listed) {
    const [value] = values;
    if (value === undefined || values.length > 1) continue;
    if (operator === "In") requirements.push({ field: key, operator: "=", value });
    if (operator === "NotIn") requirements.push({ field: key, operator: "!=", value });
  }
  return { requirements, hasFault: requirements.length < listed.length };
}

/** Authorisers here do not look at label selectors: only whether they can be read matters. */
function readLabelSelector(selector: LabelSelectorAttributes | undefined): {
  readonly count: number;
  readonly hasFault: boolean;
} {
  const listed = selector?.requirements ?? [];
  if (listed.length === 0) {
    const read = attempt(() => parseLabelSelector(selector?.rawSelector ?? "").requirements.length);
    return { count: read ?? 0, hasFault: read === undefined };
  }
  const known = listed.filter(({ operator }) => ["In", "NotIn", "Exists", "DoesNotExist"].includes(operator));
  return { count: known.length, hasFault: known.length < listed.length };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}
