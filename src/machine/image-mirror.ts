import { createReadStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Logger } from "../base/log.ts";
import type { ImageLibrary } from "./image-library.ts";

/** A registry on this machine alone that answers for the images of the library, and for no others. */
export interface ImageMirror {
  /** For example `http://127.0.0.1:41873`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Starts the mirror on a free port of the loopback address. */
export async function startImageMirror(library: ImageLibrary, logger: Logger): Promise<ImageMirror> {
  const server = createServer((request, response) => {
    answer(library, request, response).catch((error: unknown) => {
      logger.warn("the image mirror could not answer", { url: request.url, error });
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "UNKNOWN", error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Tells containerd to ask the mirror first, for every registry, and then the registry itself.
 * @param registryFolder the folder that containerd reads anew with each pull
 */
export async function writeMirrorHosts(registryFolder: string, address: string): Promise<void> {
  const path = join(registryFolder, "_default", "hosts.toml");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `[host."${address}"]\n  capabilities = ["pull", "resolve"]\n`);
}

/** Source: OCI distribution specification, "Pull"; containerd adds the registry that is meant as `ns`. */
const requestPattern = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/;

async function answer(library: ImageLibrary, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://mirror");
  if (request.method !== "GET" && request.method !== "HEAD") {
    refuse(response, 405, "UNSUPPORTED", "only pulling is possible");
    return;
  }
  if (url.pathname === "/v2/") {
    response.end();
    return;
  }
  const [, repository = "", kind, reference = ""] = requestPattern.exec(decodeURIComponent(url.pathname)) ?? [];
  const found =
    kind === "manifests"
      ? await library.manifest(fullReference(url.searchParams.get("ns") ?? "docker.io", repository, reference))
      : { mediaType: "application/octet-stream", digest: reference };
  const blob = found === undefined ? undefined : await library.blob(found.digest);
  if (found === undefined || blob === undefined) {
    refuse(response, 404, kind === "manifests" ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN", "not in the library");
    return;
  }
  response.writeHead(200, {
    "content-type": found.mediaType,
    "content-length": blob.sizeBytes,
    "docker-content-digest": found.digest,
  });
  if (request.method === "HEAD") response.end();
  else await pipeline(createReadStream(blob.path), response);
}

function fullReference(registry: string, repository: string, reference: string): string {
  return `${registry}/${repository}${reference.includes(":") ? "@" : ":"}${reference}`;
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code, message }] }));
}
