import { describe, expect, test } from "vitest";
import { servedKinds } from "../api/kinds.ts";
import { createSchemaRegistry } from "../api/schema.ts";
import { anonymous } from "../api/user.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import { definitionOf } from "../resources/catalog.ts";
import { createOpenapiHandler, type DocumentTools, noDescriptions } from "./openapi-handler.ts";
import type { PathResponse } from "./path-handler.ts";
import { createResourceTable } from "./resource-table.ts";
import { serverVersion } from "./server-version.ts";

const schemas = createSchemaRegistry();
const table = createResourceTable(servedKinds, definitionOf, schemas);

/** "Compresses" by putting a mark in front. */
function createTools(): DocumentTools & { packed: number } {
  return {
    packed: 0,
    async compress(bytes) {
      this.packed += 1;
      const result = new Uint8Array(bytes.length + 1);
      result[0] = 0x1f;
      result.set(bytes, 1);
      return result;
    },
    uncompress: async (bytes) => bytes.subarray(1),
    digest: (text) => String(text.length * 31 + (text.codePointAt(text.length >> 1) ?? 0)),
    descriptionsStamp: "",
    readDescriptions: async () => noDescriptions,
  };
}

function createGet(tools = createTools(), release = "0.1.0") {
  const version = serverVersion(release, "linux/amd64");
  const handler = createOpenapiHandler({ table, schemas, tools, version, clock: createVirtualClock() });
  return async (target: string, headers: Readonly<Record<string, string>> = {}): Promise<PathResponse> => {
    const [path = "", query] = target.split("?");
    const request = { method: "GET", path, query: new URLSearchParams(query), user: anonymous };
    return handler.handle({ ...request, header: (name) => headers[name] }, new AbortController().signal);
  };
}

const text = ({ body }: PathResponse): string => (typeof body === "string" ? body : new TextDecoder().decode(body));

async function urlOf(get: ReturnType<typeof createGet>, name: string): Promise<string> {
  const index = JSON.parse(text(await get("/openapi/v3"))) as { paths: Record<string, { serverRelativeURL: string }> };
  return index.paths[name]?.serverRelativeURL ?? "";
}

describe("the index of version 3", () => {
  test("names a document for each group and version, without making any", async () => {
    const tools = createTools();
    const index = JSON.parse(text(await createGet(tools)("/openapi/v3"))) as { paths: object };
    expect(Object.keys(index.paths)).toEqual(
      expect.arrayContaining(["api", "api/v1", "apis", "apis/apps", "apis/apps/v1", "version", "openid/v1/jwks"]),
    );
    expect(tools.packed).toBe(0);
  });

  test("gives hashes that change with the release", async () => {
    const [before, same, after] = await Promise.all(
      ["0.1.0", "0.1.0", "0.1.0-next"].map((release) => urlOf(createGet(createTools(), release), "api/v1")),
    );
    expect(before).toMatch(/^\/openapi\/v3\/api\/v1\?hash=\d+$/);
    expect(same).toBe(before);
    expect(after).not.toBe(before);
  });
});

describe("a document of version 3", () => {
  test("may be kept for long when it is asked for by its hash", async () => {
    const get = createGet();
    const { status, headers, body } = await get(await urlOf(get, "apis/apps/v1"));
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "cache-control": "public, immutable", "content-type": "application/json" });
    expect(JSON.parse(text({ status, headers, body }))).toMatchObject({ openapi: "3.0.0", info: { version: "1.36" } });
  });

  test("is found at its new hash by those who know an old one", async () => {
    const get = createGet();
    const { status, headers } = await get("/openapi/v3/apis/apps/v1?hash=0");
    expect([status, headers["location"]]).toEqual([301, await urlOf(get, "apis/apps/v1")]);
  });

  test("is not sent again to who has it", async () => {
    const get = createGet();
    const { headers } = await get("/openapi/v3/version");
    const again = await get("/openapi/v3/version", { "if-none-match": headers["etag"] ?? "" });
    expect([again.status, again.body]).toEqual([304, ""]);
  });

  test("is made once, and sent compressed to who accepts that", async () => {
    const tools = createTools();
    const get = createGet(tools);
    const plain = await get("/openapi/v3/version");
    const packed = await get("/openapi/v3/version", { "accept-encoding": "br, gzip" });
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(packed.body).toEqual(Uint8Array.of(0x1f, ...(plain.body as Uint8Array)));
    expect(tools.packed).toBe(1);
  });

  test("is missing for groups that are not served", async () => {
    await expect(createGet()("/openapi/v3/apis/example.com/v1")).rejects.toMatchObject({ code: 404 });
  });

  test("does not exist in protobuf", async () => {
    const accept = "application/com.github.proto-openapi.spec.v3.v1.0+protobuf";
    expect((await createGet()("/openapi/v3/api/v1", { accept })).status).toBe(406);
  });

  test("is tried again after it could not be made", async () => {
    const tools = createTools();
    const compress = tools.compress.bind(tools);
    tools.compress = async () => {
      throw new Error("no memory");
    };
    const get = createGet(tools);
    await expect(get("/openapi/v3/version")).rejects.toThrow("no memory");
    tools.compress = compress;
    expect((await get("/openapi/v3/version")).status).toBe(200);
  });
});

describe("the document of version 2", () => {
  test("is JSON unless something else is wanted", async () => {
    const answer = await createGet()("/openapi/v2");
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(text(answer))).toMatchObject({ swagger: "2.0" });
  });

  test.each([
    "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf, application/json",
  ])("comes as a message for %s", async (accept) => {
    const { headers, body } = await createGet()("/openapi/v2", { accept });
    expect(headers["content-type"]).toBe("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    // Field 1, three bytes long: the version of the specification.
    expect((body as Uint8Array).subarray(0, 5)).toEqual(Uint8Array.of(0x0a, 3, 0x32, 0x2e, 0x30));
  });

  test("comes in no other form", async () => {
    expect((await createGet()("/openapi/v2", { accept: "text/html" })).status).toBe(406);
  });
});
