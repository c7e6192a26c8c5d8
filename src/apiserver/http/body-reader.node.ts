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
      leave();
      // Unread bytes would keep the connection from being used again.
      stream.resume();
      reject(requestTooLarge(`limit is ${maxBytes}`));
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) refuse();
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      leave();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size));
    };
    const onGone = (): void => {
      leave();
      reject(new Error("the client went away"));
    };
    const leave = (): void => {
      stream.off("data", onData).off("end", onEnd);
      for (const event of goneEvents) stream.off(event, onGone);
    };
    if (Number(declaredLength ?? 0) > maxBytes) {
      refuse();
      return;
    }
    stream.on("data", onData).on("end", onEnd);
    for (const event of goneEvents) stream.on(event, onGone);
  });
}

const goneEvents = ["error", "aborted", "close"] as const;
