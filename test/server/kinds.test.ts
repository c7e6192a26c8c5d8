import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedKind, servedKinds } from "../../src/api/kinds.ts";
import { type HttpsTestServer, startHttpsServer } from "../../src/testing/https-server.ts";
import { minimalObjects } from "./minimal-objects.ts";
import { type HttpTester, testByHttp2, type WatchStream } from "./support/http-tester.ts";

const storedKinds = servedKinds.filter((kind) => kind.verbs.includes("watch"));
/** Namespaces go through a phase of their own when they are deleted; see deletes.test.ts. */
const kinds = storedKinds.filter(({ plural }) => plural !== "namespaces");

let server: HttpsTestServer;
let tester: HttpTester;
beforeAll(async () => {
  server = await startHttpsServer();
  tester = testByHttp2(server);
  const account = { metadata: { name: "default" } };
  await tester.ask("POST", "/api/v1/namespaces/default/serviceaccounts", { body: account });
});
afterAll(async () => {
  tester.close();
  await server.stop();
});

function idOf({ plural, group }: ServedKind): string {
  return group === "" ? plural : `${plural}.${group}`;
}

function pathOf({ group, version, plural, namespaced }: ServedKind): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}${namespaced ? "/namespaces/default" : ""}/${plural}`;
}

/** Deletes at once whatever finalizers the object was given. */
async function remove(path: string): Promise<number[]> {
  const { code } = await tester.ask("DELETE", `${path}?gracePeriodSeconds=0&propagationPolicy=Background`);
  const patch = { metadata: { finalizers: null } };
  const left = await tester.ask("PATCH", path, { body: patch, type: "application/merge-patch+json" });
  return [code, left.code];
}

async function nextTypes(stream: WatchStream, count: number): Promise<string[]> {
  const types: string[] = [];
  while (types.length < count) {
    const event = await stream.next();
    types.push(`${event.type} ${event.object.kind}`);
  }
  return types;
}

it("is known for every kind what its least object is", () => {
  expect(storedKinds.map(idOf).filter((id) => minimalObjects[id] === undefined)).toEqual([]);
});

describe.each(kinds.map((kind) => ({ kind, title: `${idOf(kind)} in ${kind.version}` })))("$title", ({ kind }) => {
  const minimal = minimalObjects[idOf(kind)] ?? {};
  const name = minimal.metadata?.name ?? "least";
  const collection = pathOf(kind);
  const path = `${collection}/${name}`;
  const body = { ...minimal, metadata: { ...minimal.metadata, name } };
  const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
  const type = { kind: kind.kind, apiVersion };

  it("can be created, read, changed in every way, watched and deleted", async () => {
    const { json: before } = await tester.ask("GET", `${collection}?limit=1`);
    const watch = await tester.watch(
      `${collection}?watch=1&fieldSelector=metadata.name%3D${name}&resourceVersion=${before.metadata.resourceVersion}`,
    );

    const tried = await tester.ask("POST", `${collection}?dryRun=All`, { body });
    expect([tried.code, tried.json.message]).toEqual([201, undefined]);
    expect((await tester.ask("GET", path)).code).toBe(404);
    const created = await tester.ask("POST", collection, { body });
    expect(created).toMatchObject({ code: 201, json: { ...type, metadata: { name } } });
    expect((await tester.ask("POST", collection, { body })).json.reason).toBe("AlreadyExists");

    const read = await tester.ask("GET", path);
    expect([read.code, read.json]).toEqual([200, created.json]);
    const same = await tester.ask("PUT", path, { body: read.json });
    expect([same.code, same.json]).toEqual([200, read.json]);

    const labelled = { ...read.json, metadata: { ...read.json.metadata, labels: { by: "put" } } };
    const put = await tester.ask("PUT", path, { body: labelled });
    expect([put.code, put.json.metadata?.labels]).toEqual([200, { by: "put" }]);
    expect((await tester.ask("PUT", path, { body: labelled })).json.reason).toBe("Conflict");
    const patches = [
      ["application/merge-patch+json", { metadata: { annotations: { by: "merge" } } }],
      ["application/strategic-merge-patch+json", { metadata: { annotations: { too: "strategic" } } }],
      ["application/json-patch+json", [{ op: "replace", path: "/metadata/labels/by", value: "json" }]],
    ] as const;
    for (const [patchType, patch] of patches)
      expect((await tester.ask("PATCH", path, { body: patch, type: patchType })).code).toBe(200);
    const { json: changed } = await tester.ask("GET", path);
    expect(changed.metadata).toMatchObject({ labels: { by: "json" }, annotations: { by: "merge", too: "strategic" } });
    expect(changed.metadata.uid).toBe(created.json.metadata.uid);

    const { json: list } = await tester.ask("GET", `${collection}?labelSelector=by%3Djson`);
    const { kind: _kind, apiVersion: _apiVersion, ...item } = changed;
    expect(list).toMatchObject({ kind: kind.listKind ?? `${kind.kind}List`, apiVersion, items: [item] });
    const asTable = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
    const { json: table } = await tester.ask("GET", `${collection}?labelSelector=by%3Djson`, { headers: asTable });
    expect([table.kind, table.rows.length]).toEqual(["Table", 1]);
    // Upstream's table of addresses has a cell more than columns.
    expect(table.rows[0].cells.length).toBeGreaterThanOrEqual(table.columnDefinitions.length);

    const [deleted, left] = await remove(path);
    expect(deleted).toBe(200);
    expect([200, 404]).toContain(left);
    expect((await tester.ask("GET", path)).code).toBe(404);
    // What waits for finalizers or for its agent is marked first.
    const changes = left === 200 || kind.plural === "pods" ? ["MODIFIED", "DELETED"] : ["DELETED"];
    const expected = ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "MODIFIED", ...changes];
    expect(await nextTypes(watch, expected.length)).toEqual(expected.map((change) => `${change} ${kind.kind}`));
    watch.close();
  });

  it("can be deleted together", async () => {
    const label = { together: "yes" };
    const { generateName: _generateName, ...metadata } = { ...body.metadata, labels: label } as Record<string, unknown>;
    await tester.ask("POST", collection, { body: { ...body, metadata } });
    const selector = "labelSelector=together%3Dyes";
    const gone = await tester.ask("DELETE", `${collection}?${selector}&gracePeriodSeconds=0`);
    expect([gone.code, gone.json.items?.length]).toEqual([200, 1]);
    await remove(path);
    expect((await tester.ask("GET", `${collection}?${selector}`)).json.items).toEqual([]);
  });
});
