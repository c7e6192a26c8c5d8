/** A selector that cannot be understood; the message has upstream's words. */
export class SelectorError extends Error {
  override readonly name = "SelectorError";
}
