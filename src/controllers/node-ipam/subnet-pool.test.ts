import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseIpRange, rangeContains } from "../../api/ip.ts";
import { createSubnetPool } from "./subnet-pool.ts";

describe("createSubnetPool", () => {
  it("hands out parts in order until none is left, and given back ones last", () => {
    const pool = createSubnetPool("10.244.0.0/22", 24);
    expect([pool.take(), pool.take()]).toEqual(["10.244.0.0/24", "10.244.1.0/24"]);
    pool.giveBack("10.244.0.0/24");
    expect([pool.take(), pool.take(), pool.take(), pool.take()]).toEqual([
      "10.244.2.0/24",
      "10.244.3.0/24",
      "10.244.0.0/24",
      undefined,
    ]);
  });

  it("cuts IPv6 ranges", () => {
    const pool = createSubnetPool("fd00:10:244::/48", 64);
    expect([pool.take(), pool.take()]).toEqual(["fd00:10:244::/64", "fd00:10:244:1::/64"]);
  });

  it.each([
    ["a part", "10.244.1.0/24", true, ["10.244.0.0/24", "10.244.2.0/24"]],
    ["some of a part", "10.244.1.128/25", true, ["10.244.0.0/24", "10.244.2.0/24"]],
    ["several parts", "10.244.0.0/23", true, ["10.244.2.0/24", "10.244.3.0/24"]],
    ["all and more", "10.0.0.0/8", true, [undefined, undefined]],
    ["what lies elsewhere", "10.96.0.0/16", false, ["10.244.0.0/24", "10.244.1.0/24"]],
    ["another family", "fd00::/8", false, ["10.244.0.0/24", "10.244.1.0/24"]],
    ["no range", "10.244.0.0", false, ["10.244.0.0/24", "10.244.1.0/24"]],
  ])("leaves out %s that is in use", (_name, range, isInside, expected) => {
    const pool = createSubnetPool("10.244.0.0/22", 24);
    expect(pool.occupy(range)).toBe(isInside);
    expect([pool.take(), pool.take()]).toEqual(expected);
  });

  it.each([
    ["nonsense", 24],
    ["10.0.0.0/25", 24],
    ["10.0.0.0/7", 24],
    ["fd00::/32", 64],
  ])("refuses %s with parts of /%i", (range, part) => {
    expect(() => createSubnetPool(range, part)).toThrow(Error);
  });

  it("never hands out a part twice, and only such as lie in the range", () => {
    const range = parseIpRange("10.244.0.0/21") as NonNullable<ReturnType<typeof parseIpRange>>;
    fc.assert(
      fc.property(fc.array(fc.nat(11), { maxLength: 60 }), (steps) => {
        const pool = createSubnetPool("10.244.0.0/21", 24);
        const held: string[] = [];
        for (const step of steps) {
          const [given] = step < held.length ? held.splice(step, 1) : [undefined];
          if (given !== undefined) pool.giveBack(given);
          const taken = given === undefined ? pool.take() : undefined;
          if (taken !== undefined) held.push(taken);
        }
        expect(new Set(held).size).toBe(held.length);
        expect(held.every((part) => rangeContains(range, parseIpRange(part)?.address as typeof range.address))).toBe(
          true,
        );
        expect(held.length).toBeLessThanOrEqual(8);
      }),
    );
  });
});
