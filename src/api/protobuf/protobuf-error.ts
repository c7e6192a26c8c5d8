/** Bytes that are no message of the wanted type, or a value that its type cannot carry. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufError";
}
