import { describe, expect, test } from "vitest";
import { servedKinds } from "../../api/kinds.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { pods } from "../../api/resources.ts";
import { createSchemaRegistry } from "../../api/schema.ts";
import { createSeededRandom } from "../../base/random.ts";
import { definitionOf } from "../../resources/catalog.ts";
import { createResourceTable } from "../resource-table.ts";
import { compileSelection } from "../selection.ts";
import { StoredObject } from "../stored-object.ts";
import { createObjectTable } from "./object-table.ts";

const served = createResourceTable(servedKinds, definitionOf, createSchemaRegistry()).of(pods);
const selections = [
  {},
  { namespace: "n1" },
  { labelSelector: "app=web" },
  { labelSelector: "app=web,tier=back", namespace: "n2" },
  { labelSelector: "tier in (back)" },
  { fieldSelector: "spec.nodeName=node-1" },
  { fieldSelector: "spec.nodeName=", labelSelector: "app!=web" },
  { fieldSelector: "metadata.name=p7", namespace: "n1" },
  { fieldSelector: "metadata.name=p7" },
].map((request) => compileSelection(served, request));

describe("a table of objects", () => {
  test("shows by its indexes what looking at every object would show, whatever changes", () => {
    const random = createSeededRandom(7);
    const pick = <T>(...values: readonly T[]): T => values[Math.floor(random.next() * values.length)] as T;
    const model = new Map<string, StoredObject>();
    const table = createObjectTable(served, []);
    for (let revision = 1; revision <= 3000; revision += 1) {
      const namespace = pick("n1", "n2", "n10");
      const name = `p${Math.floor(random.next() * 200)}`;
      const key = `${namespace}/${name}`;
      const app = pick("web", "db", undefined);
      const labels = { ...(app && { app }), tier: pick("front", "back") };
      const value = { metadata: { namespace, name, labels }, spec: { nodeName: pick("node-1", "node-2", "") } };
      const object = StoredObject.made(key, revision, value as unknown as ApiObject, () => new Uint8Array());
      const isDeleted = random.next() < 0.2;
      expect(table.replace(key, isDeleted ? undefined : object)).toBe(model.get(key));
      if (isDeleted) model.delete(key);
      else model.set(key, object);
      if (revision % 100 !== 0) continue;
      const all = [...model.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
      for (const selection of selections) expect(table.select(selection)).toEqual(all.filter(selection.matches));
    }
    expect(table.size).toBeGreaterThan(300);
  });

  test("as it was copied stays so", () => {
    const value = { metadata: { name: "a", namespace: "n" } } as ApiObject;
    const object = (revision: number) => StoredObject.made("n/a", revision, value, () => new Uint8Array());
    const [first, second] = [object(1), object(2)];
    const table = createObjectTable(served, [first]);
    const copy = table.copy();
    table.replace("n/a", second);
    expect([copy.get("n/a"), table.get("n/a")]).toEqual([first, second]);
    expect(copy.get("n/a")).toBe(first);
  });
});
