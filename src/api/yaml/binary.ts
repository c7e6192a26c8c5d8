import { YamlError } from "./yaml-error.ts";

/**
 * The text that base64 stands for; bytes that are no UTF-8 become U+FFFD.
 * @throws {YamlError}
 */
export function decodeBinary(base64: string): string {
  const packed = base64.replace(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(packed))
    throw new YamlError("yaml: !!binary value contains invalid base64 data");
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    Uint8Array.from(atob(packed), (character) => character.charCodeAt(0)),
  );
}
