/** Thrown when a value has the wrong JSON type or form; the message has upstream's words. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/**
 * Thrown while decoding when a value has the wrong JSON type. It says nothing: where and what is wrong is found out by
 * looking a second time, so that decoding what is right need not keep track.
 */
export const mismatch = new DecodeError("a value has the wrong JSON type");
