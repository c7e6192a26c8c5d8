import { createGzip, type Gzip, gzip } from "node:zlib";
import type { ResponseHeaders } from "./exchange.ts";

/** Answers up to this size are not compressed. Source: kube-apiserver v1.36. */
const compressionThresholdBytes = 128 * 1024;

/** Fast rather than small, as upstream has it. */
const options = { level: 1 } as const;

/** Whether a body of this size is to be compressed: one that is compressed already is not. */
export function mustCompress(bodyBytes: number, headers: ResponseHeaders, acceptEncoding: string | undefined): boolean {
  return (
    bodyBytes > compressionThresholdBytes && headers["content-encoding"] === undefined && acceptsGzip(acceptEncoding)
  );
}

/** Whether a client accepts compressed answers. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  return acceptEncoding?.split(",").some((coding) => coding.trim() === "gzip") ?? false;
}

/** Compresses a whole body, off the main thread. */
export function compress(body: Uint8Array, done: (error: Error | null, compressed: Uint8Array) => void): void {
  gzip(body, options, done);
}

/** Compresses a body that comes in parts. */
export function createCompressor(): Gzip {
  return createGzip(options);
}

export const compressionHeaders = { "content-encoding": "gzip", vary: "Accept-Encoding" } as const;
