import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HttpsTestServer, startHttpsServer } from "../../src/testing/https-server.ts";
import { type HttpTester, testByHttp1 } from "./support/http-tester.ts";

/** A request, and what kube-apiserver v1.36.3 was seen to answer; without an answer it only prepares for others. */
interface Recording {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body?: string;
  readonly answer?: { readonly code: number; readonly warning?: string; readonly body: unknown };
}

/** The code of any answer but one that says that the server is at fault. */
const noFault: unknown = expect.toSatisfy((code: number) => code < 500);

const folder = join(import.meta.dirname, "recorded");

/** Replaces what differs from run to run, as the recordings do. */
function normalize(value: unknown, field = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => normalize(item));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, normalize(inner, name)]));
  if (typeof value !== "string") return value;
  if (field === "resourceVersion") return "RV";
  if (field === "uid" && value.length === 36) return "UID";
  if (/Timestamp$|^lastTransitionTime$/.test(field)) return "TIME";
  return value
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID")
    .replace(/ResourceVersion in record \(\d+\)/, "ResourceVersion in record (RV)");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

describe.each(["config-maps", "metadata", "services", "reads", "bodies"])("requests about %s", (name) => {
  const recordings = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as readonly Recording[];
  let server: HttpsTestServer;
  let tester: HttpTester;
  beforeAll(async () => {
    server = await startHttpsServer();
    tester = testByHttp1(server);
  });
  afterAll(async () => {
    tester.close();
    await server.stop();
  });

  it.each(recordings)("are answered as upstream does: $method $path $body", async (recording) => {
    const { method, path, headers = {}, type, body, answer } = recording;
    const asked = {
      headers: { "user-agent": "x", ...headers },
      ...(type && { type }),
      ...(body !== undefined && { body }),
    };
    const { code, headers: answered, text } = await tester.ask(method, path, asked);
    const warning = answered["warning"];
    const given = { code, ...(warning && { warning }), body: normalize(parse(text)) };
    expect(given).toEqual(answer ?? { ...given, code: noFault });
  });
});
