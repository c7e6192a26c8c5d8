import type { Readable } from "node:stream";
import { requestTooLarge } from "../../api/status-error.ts";

/**
 * Reads a request's body to its end.
 * @param declaredLength the `content-length` header
 * @throws {StatusError} RequestEntityTooLarge; what follows is thrown away unread
 */
export function readWholeBody(
  stream: Readable,
  maxBytes: number,
  declaredLength: string | undefined,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = (): void => {
      stream.off("data", onData);
      // Unread bytes would keep the connection from being used again.
      stream.resume();
      reject(requestTooLarge(`limit is ${maxBytes}`));
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) refuse();
      else chunks.push(chunk);
    };
    if (Number(declaredLength ?? 0) > maxBytes) {
      refuse();
      return;
    }
    stream.on("data", onData);
    stream.once("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)));
    stream.once("error", reject);
    stream.once("aborted", () => reject(new Error("the client went away")));
    stream.once("close", () => reject(new Error("the client went away")));
  });
}
