import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Descriptions, DocumentTools } from "./openapi-handler.ts";

/** Where `npm run build:descriptions` puts what it finds. */
const defaultFile = new URL("../api/schema/descriptions.json", import.meta.url);

/** What published documents need of Node. The file with the descriptions may be missing. */
export function createDocumentTools(descriptionsFile: URL | string = defaultFile): DocumentTools {
  const found = statSync(descriptionsFile, { throwIfNoEntry: false });
  return {
    compress: promisify<Uint8Array, Uint8Array>(gzip),
    uncompress: promisify<Uint8Array, Uint8Array>(gunzip),
    digest: (text) => createHash("sha512").update(text).digest("hex").toUpperCase(),
    descriptionsStamp: found === undefined ? "" : `${found.size} ${found.mtimeMs}`,
    async readDescriptions() {
      if (found === undefined) return undefined;
      return JSON.parse(await readFile(descriptionsFile, "utf8")) as Descriptions;
    },
  };
}
