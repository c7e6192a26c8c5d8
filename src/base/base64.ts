/** Bytes of standard base64. @throws {Error} when it is not base64 */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** Standard base64 of bytes. */
export function base64OfBytes(bytes: Uint8Array): string {
  let binary = "";
  // A call takes only so many arguments.
  for (let start = 0; start < bytes.length; start += chunkBytes)
    binary += String.fromCharCode(...bytes.subarray(start, start + chunkBytes));
  return btoa(binary);
}

const chunkBytes = 8192;

/** Bytes of base64url without padding. @throws {Error} when it is not base64url */
export function bytesOfBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Error("not base64url");
  return bytesOfBase64(text.replaceAll("-", "+").replaceAll("_", "/"));
}
