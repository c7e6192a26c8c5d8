/** YAML that cannot be read; the message has the words of Go's decoder. */
export class YamlError extends Error {
  override readonly name = "YamlError";
}
