import { type FieldError, joinFieldErrors } from "./field-error.ts";
import { goQuote } from "./go-quote.ts";
import { groupResourceName, type Resource } from "./resource.ts";
import type { Status, StatusCause, StatusDetails } from "./types/meta-v1.ts";

/** A group and a resource or kind: what `Status.details` names. */
type NamedResource = Pick<Resource, "group" | "plural">;

/** The `reason` of a Status: what programs tell errors apart by. */
export type StatusReason =
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Expired"
  | "Invalid"
  | "BadRequest"
  | "MethodNotAllowed"
  | "NotAcceptable"
  | "UnsupportedMediaType"
  | "RequestEntityTooLarge"
  | "TooManyRequests"
  | "Timeout"
  | "ServerTimeout"
  | "InternalError"
  | "ServiceUnavailable"
  | "StoreReadError"
  | "Unknown";

/** A failure as the API reports it. Built by the functions below and nowhere else. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  /** The body that clients receive. */
  readonly status: Status;

  constructor(status: Status, options?: ErrorOptions) {
    super(status.message ?? "", options);
    this.status = status;
  }

  /** HTTP status code. */
  get code(): number {
    return this.status.code ?? 500;
  }

  get reason(): StatusReason {
    return (this.status.reason ?? "Unknown") as StatusReason;
  }
}

/** True when `error` is a Status with one of these reasons. */
export function hasReason(error: unknown, ...reasons: readonly StatusReason[]): error is StatusError {
  return error instanceof StatusError && reasons.includes(error.reason);
}

/** True when `error` is a Status one of whose causes is `cause`, for instance `NamespaceTerminating`. */
export function hasCause(error: unknown, cause: string): error is StatusError {
  return error instanceof StatusError && error.status.details?.causes?.some((entry) => entry.reason === cause) === true;
}

/** 404: no object of that name. */
export function notFound(resource: NamedResource, name: string): StatusError {
  return failure(404, "NotFound", `${named(resource, name)} not found`, detailsOf(resource, name));
}

/** 404: no such path. */
export function pathNotFound(): StatusError {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

/** 409: create of a name that is taken. */
export function alreadyExists(resource: NamedResource, name: string): StatusError {
  return failure(409, "AlreadyExists", `${named(resource, name)} already exists`, detailsOf(resource, name));
}

/** 409: every generated name that was tried is taken. */
export function generatedNameTaken(resource: NamedResource, name: string): StatusError {
  const message = `${named(resource, name)} already exists, the server was not able to generate a unique name for the object`;
  return failure(409, "AlreadyExists", message, { ...detailsOf(resource, name), retryAfterSeconds: 1 });
}

/** What a stale `resourceVersion` is answered with. */
export const objectModified =
  "the object has been modified; please apply your changes to the latest version and try again";

/** 409: the object is not in the state that the request expects. */
export function conflict(resource: NamedResource, name: string, why: string = objectModified): StatusError {
  const message = `Operation cannot be fulfilled on ${named(resource, name)}: ${why}`;
  return failure(409, "Conflict", message, detailsOf(resource, name));
}

/** 410: the resource version asked for is no longer kept. */
export function expired(message: string): StatusError {
  return failure(410, "Expired", message);
}

/** 422: the object breaks the rules of its kind. */
export function invalid(
  kind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const qualified = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
  const causes = errors.map((error): StatusCause => ({ reason: error.type, message: error.body, field: error.field }));
  const subject = `${qualified} ${goQuote(name)} is invalid`;
  const message = errors.length === 0 ? subject : `${subject}: ${joinFieldErrors(errors)}`;
  return failure(422, "Invalid", message, {
    ...(name === "" ? {} : { name }),
    ...(kind.group === "" ? {} : { group: kind.group }),
    ...(kind.kind === "" ? {} : { kind: kind.kind }),
    causes,
  });
}

/** 422: refused without a word why; the cause is for the log. */
export function unprocessable(cause?: unknown): StatusError {
  return failure(422, "Invalid", "the server rejected our request due to an error in our request", {}, cause);
}

/** 400: the request cannot be understood. */
export function badRequest(message: string): StatusError {
  return failure(400, "BadRequest", message);
}

/** 401: no valid credentials. */
export function unauthorized(): StatusError {
  return failure(401, "Unauthorized", "Unauthorized");
}

/** 403: understood and refused. An empty name is left out of the message. */
export function forbidden(resource: NamedResource, name: string, why: string): StatusError {
  if (resource.group === "" && resource.plural === "") return failure(403, "Forbidden", `forbidden: ${why}`, {});
  const subject = name === "" ? groupResourceName(resource) : named(resource, name);
  return failure(403, "Forbidden", `${subject} is forbidden: ${why}`, detailsOf(resource, name));
}

/** 405: the resource exists but has no such verb. */
export function methodNotSupported(resource: NamedResource, action: string): StatusError {
  const message = `${action} is not supported on resources of kind ${goQuote(groupResourceName(resource))}`;
  return failure(405, "MethodNotAllowed", message, detailsOf(resource, ""));
}

/** 405: the path exists but not with this method. */
export function methodNotAllowed(): StatusError {
  return failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});
}

/** 406: none of the accepted media types can be served. */
export function notAcceptable(accepted: readonly string[]): StatusError {
  return failure(406, "NotAcceptable", `only the following media types are accepted: ${accepted.join(", ")}`);
}

/** 415: the body's media type is not understood. */
export function unsupportedMediaType(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`;
  return failure(415, "UnsupportedMediaType", message);
}

/** 413: the body is over a limit. */
export function requestTooLarge(message: string): StatusError {
  return failure(413, "RequestEntityTooLarge", `Request entity too large: ${message}`);
}

/** 429: try again after `retryAfterSeconds`. */
export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return failure(429, "TooManyRequests", message, retryAfterSeconds > 0 ? { retryAfterSeconds } : {});
}

/** 500: a fault of the server. The cause is kept for the log. */
export function internalError(message: string, cause?: unknown): StatusError {
  const details = { causes: [{ message }] };
  return failure(500, "InternalError", `Internal error occurred: ${message}`, details, cause);
}

/** 500: a failure that has no reason of its own, told as it is. */
export function unknownFailure(message: string, cause?: unknown): StatusError {
  return failure(500, undefined, message, undefined, cause);
}

/** 503: not now. */
export function serviceUnavailable(message: string): StatusError {
  return failure(503, "ServiceUnavailable", message);
}

/** 504: it took too long; it may still be happening. */
export function timeout(message: string, retryAfterSeconds = 0): StatusError {
  return failure(504, "Timeout", `Timeout: ${message}`, retryAfterSeconds > 0 ? { retryAfterSeconds } : {});
}

/** 500: the operation could not be finished in time; try again. */
export function serverTimeout(resource: NamedResource, operation: string, retryAfterSeconds: number): StatusError {
  const message = `The ${operation} operation against ${groupResourceName(resource)} could not be completed at this time, please try again.`;
  return failure(500, "ServerTimeout", message, { ...detailsOf(resource, operation), retryAfterSeconds });
}

/** A Status received from a server, or sent inside a watch, as an error. */
export function fromStatus(status: Status): StatusError {
  return new StatusError(status);
}

/** Any error as a Status: what a client receives when something unexpected went wrong. */
export function toStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  return internalError(error instanceof Error ? error.message : String(error), error);
}

function failure(
  code: number,
  reason: StatusReason | undefined,
  message: string,
  details?: StatusDetails,
  cause?: unknown,
): StatusError {
  const status: Status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
  return new StatusError(status, cause === undefined ? undefined : { cause });
}

function named(resource: NamedResource, name: string): string {
  return `${groupResourceName(resource)} ${goQuote(name)}`;
}

function detailsOf(resource: NamedResource, name: string): StatusDetails {
  return {
    ...(name === "" ? {} : { name }),
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.plural,
  };
}
