import { badRequest, requestTooLarge, type StatusError, unknownFailure, unprocessable } from "./status-error.ts";

/** A patch that cannot be read or does not apply; the message has upstream's words. */
export class PatchError extends Error {
  override readonly name = "PatchError";
  /** The HTTP status code that the API answers with. */
  readonly code: 400 | 413 | 422 | 500;

  constructor(code: PatchError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What the API answers to a patch that failed. Like upstream it keeps to itself why a patch does not apply (422). */
export function patchFailure(error: PatchError): StatusError {
  switch (error.code) {
    case 400:
      return badRequest(error.message);
    case 413:
      return requestTooLarge(error.message);
    case 422:
      return unprocessable(error);
    case 500:
      return unknownFailure(error.message, error);
  }
}
