import { describe, expect, test } from "vitest";
import { FieldPath, fieldError } from "./field-error.ts";
import {
  alreadyExists,
  badRequest,
  conflict,
  expired,
  forbidden,
  fromStatus,
  generatedNameTaken,
  hasCause,
  hasReason,
  internalError,
  invalid,
  methodNotAllowed,
  methodNotSupported,
  notFound,
  requestTooLarge,
  type StatusError,
  serverTimeout,
  serviceUnavailable,
  timeout,
  tooManyRequests,
  toStatusError,
  unknownFailure,
  unprocessable,
} from "./status-error.ts";

const pods = { group: "", plural: "pods" };
const deployments = { group: "apps", plural: "deployments" };
const podDetails = { name: "web", kind: "pods" };
const path = FieldPath.of("spec").child("a");

describe("the Status of", () => {
  // Source: the answers of kube-apiserver v1.36.
  const cases: readonly {
    name: string;
    error: StatusError;
    code: number;
    reason?: string;
    message: string;
    details?: object;
  }[] = [
    {
      name: "a missing object",
      error: notFound(deployments, "web"),
      code: 404,
      reason: "NotFound",
      message: 'deployments.apps "web" not found',
      details: { name: "web", group: "apps", kind: "deployments" },
    },
    {
      name: "a taken name",
      error: alreadyExists(pods, "web"),
      code: 409,
      reason: "AlreadyExists",
      message: 'pods "web" already exists',
      details: podDetails,
    },
    {
      name: "generated names that are all taken",
      error: generatedNameTaken(pods, "web"),
      code: 409,
      reason: "AlreadyExists",
      message: 'pods "web" already exists, the server was not able to generate a unique name for the object',
      details: { ...podDetails, retryAfterSeconds: 1 },
    },
    {
      name: "a stale resource version",
      error: conflict(pods, "web"),
      code: 409,
      reason: "Conflict",
      message:
        'Operation cannot be fulfilled on pods "web": the object has been modified; please apply your changes to the latest version and try again',
      details: podDetails,
    },
    { name: "a version that is gone", error: expired("too old"), code: 410, reason: "Expired", message: "too old" },
    {
      name: "one broken rule",
      error: invalid({ group: "apps", kind: "Deployment" }, "web", [fieldError.required(path, "say it")]),
      code: 422,
      reason: "Invalid",
      message: 'Deployment.apps "web" is invalid: spec.a: Required value: say it',
      details: {
        name: "web",
        group: "apps",
        kind: "Deployment",
        causes: [{ reason: "FieldValueRequired", message: "Required value: say it", field: "spec.a" }],
      },
    },
    {
      name: "several broken rules, one of them twice",
      error: invalid({ group: "", kind: "Pod" }, "", [
        fieldError.required(path),
        fieldError.required(path),
        fieldError.invalid(FieldPath.of("b"), "x", "no"),
      ]),
      code: 422,
      reason: "Invalid",
      message: 'Pod "" is invalid: [spec.a: Required value, b: Invalid value: "x": no]',
      details: {
        kind: "Pod",
        causes: [
          { reason: "FieldValueRequired", message: "Required value", field: "spec.a" },
          { reason: "FieldValueRequired", message: "Required value", field: "spec.a" },
          { reason: "FieldValueInvalid", message: 'Invalid value: "x": no', field: "b" },
        ],
      },
    },
    {
      name: "a patch that fails",
      error: unprocessable(),
      code: 422,
      reason: "Invalid",
      message: "the server rejected our request due to an error in our request",
      details: {},
    },
    { name: "a bad request", error: badRequest("what?"), code: 400, reason: "BadRequest", message: "what?" },
    {
      name: "what is forbidden",
      error: forbidden(pods, "web", "no"),
      code: 403,
      reason: "Forbidden",
      message: 'pods "web" is forbidden: no',
      details: podDetails,
    },
    {
      name: "what is forbidden without a name",
      error: forbidden(deployments, "", "no"),
      code: 403,
      reason: "Forbidden",
      message: "deployments.apps is forbidden: no",
      details: { group: "apps", kind: "deployments" },
    },
    {
      name: "a path that is forbidden",
      error: forbidden({ group: "", plural: "" }, "", "no"),
      code: 403,
      reason: "Forbidden",
      message: "forbidden: no",
      details: {},
    },
    {
      name: "a verb that a resource has not",
      error: methodNotSupported(deployments, "patch"),
      code: 405,
      reason: "MethodNotAllowed",
      message: 'patch is not supported on resources of kind "deployments.apps"',
      details: { group: "apps", kind: "deployments" },
    },
    {
      name: "a method that a path has not",
      error: methodNotAllowed(),
      code: 405,
      reason: "MethodNotAllowed",
      message: "the server does not allow this method on the requested resource",
      details: {},
    },
    {
      name: "a body over a limit",
      error: requestTooLarge("limit is 5"),
      code: 413,
      reason: "RequestEntityTooLarge",
      message: "Request entity too large: limit is 5",
    },
    {
      name: "too many requests",
      error: tooManyRequests("slow down", 2),
      code: 429,
      reason: "TooManyRequests",
      message: "slow down",
      details: { retryAfterSeconds: 2 },
    },
    {
      name: "a fault of the server",
      error: internalError("broken"),
      code: 500,
      reason: "InternalError",
      message: "Internal error occurred: broken",
      details: { causes: [{ message: "broken" }] },
    },
    { name: "a failure without a reason", error: unknownFailure("odd"), code: 500, message: "odd" },
    {
      name: "an operation that could not end in time",
      error: serverTimeout(pods, "create", 2),
      code: 500,
      reason: "ServerTimeout",
      message: "The create operation against pods could not be completed at this time, please try again.",
      details: { name: "create", kind: "pods", retryAfterSeconds: 2 },
    },
    {
      name: "a server that is not ready",
      error: serviceUnavailable("not yet"),
      code: 503,
      reason: "ServiceUnavailable",
      message: "not yet",
    },
    {
      name: "a request that took too long",
      error: timeout("slow"),
      code: 504,
      reason: "Timeout",
      message: "Timeout: slow",
      details: {},
    },
  ];

  test.each(cases)("$name", ({ error, code, reason, message, details }) => {
    expect(error.status).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      ...(reason !== undefined && { reason }),
      ...(details !== undefined && { details }),
      code,
    });
  });
});

describe("errors are told apart", () => {
  test("by their reason", () => {
    const error: unknown = notFound(pods, "web");
    expect([
      hasReason(error, "Conflict", "NotFound"),
      hasReason(error, "Conflict"),
      hasReason("text", "Conflict"),
    ]).toEqual([true, false, false]);
  });

  test("by a cause", () => {
    const error = fromStatus({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      details: { causes: [{ reason: "NamespaceTerminating" }] },
    });
    expect([hasCause(error, "NamespaceTerminating"), hasCause(error, "x"), hasCause(badRequest("a"), "x")]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("and a Status without code and reason counts as an unknown failure", () => {
    const { code, reason, message } = fromStatus({ kind: "Status", apiVersion: "v1", metadata: {} });
    expect({ code, reason, message }).toEqual({ code: 500, reason: "Unknown", message: "" });
  });
});

describe("toStatusError", () => {
  test("gives a StatusError back as it is", () => {
    const error = badRequest("a");
    expect(toStatusError(error)).toBe(error);
  });

  test.each([
    { name: "an error", thrown: new RangeError("too far"), message: "Internal error occurred: too far" },
    { name: "anything else", thrown: 5, message: "Internal error occurred: 5" },
  ])("makes $name a fault of the server and keeps the cause", ({ thrown, message }) => {
    const error = toStatusError(thrown);
    expect([error.message, error.cause]).toEqual([message, thrown]);
  });
});
