import { describe, expect, it } from "vitest";
import { deployments } from "../api/resources.ts";
import { safeEncode } from "../base/ids.ts";
import { buildObject } from "../testing/build-object.ts";
import { hashText, templateHash } from "./template-hash.ts";

const template = (image: string, labels: Record<string, string> = { b: "2", a: "1" }) =>
  buildObject(deployments, {
    spec: { template: { metadata: { labels }, spec: { containers: [{ name: "web", image }] } } },
  }).spec.template;

describe("template hash", () => {
  it("is the same for equal templates, however they were written", () => {
    expect(templateHash(template("web:1"), undefined)).toBe(
      templateHash(template("web:1", { a: "1", b: "2" }), undefined),
    );
  });

  it("differs with the template and with the count of collisions", () => {
    const hashes = [
      templateHash(template("web:1"), undefined),
      templateHash(template("web:2"), undefined),
      templateHash(template("web:1"), 0),
      templateHash(template("web:1"), 1),
    ];
    expect(new Set(hashes).size).toBe(4);
  });

  it("is FNV-1a in 32 bits, in letters that spell nothing", () => {
    // 0xbf9cf968 = 3214735720 is FNV-1a of "foobar" in the test vectors of the algorithm's authors.
    expect(hashText("foobar")).toBe(safeEncode("3214735720"));
  });
});
