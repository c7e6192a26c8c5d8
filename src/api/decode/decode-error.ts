/** Thrown when a value has the wrong JSON type or form; the message has upstream's words. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}
