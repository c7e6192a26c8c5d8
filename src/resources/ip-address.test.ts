import { describe, expect, it } from "vitest";
import { type FieldError, FieldPath } from "../api/field-error.ts";
import {
  checkIpAddress,
  checkIpRange,
  type IpRange,
  isDualStack,
  parseIpAddress,
  parseIpRange,
  rangeContains,
} from "./ip-address.ts";

const path = FieldPath.of("ip");

describe("IP addresses", () => {
  it("are dual-stack when both families are there and nothing else", () => {
    expect(isDualStack(["10.0.0.1", "2001:db8::1"])).toBe(true);
    expect(isDualStack(["10.0.0.1", "10.0.0.2"])).toBe(false);
    expect(isDualStack(["10.0.0.1", "2001:db8::1", "x"])).toBe(false);
  });

  it.each([
    ["10.1.2.3/8", { family: "IPv4", base: 0x0a00_0000n, prefixLength: 8 }],
    ["2001:db8::1/32", { family: "IPv6", base: 0x2001_0db8n << 96n, prefixLength: 32 }],
    ["0.0.0.0/0", { family: "IPv4", base: 0n, prefixLength: 0 }],
    ["10.0.0.0/33", undefined],
    ["10.0.0.0", undefined],
  ])("%s is a range from its first address on", (text, range) => {
    expect(parseIpRange(text)).toEqual(range);
  });

  it.each([
    ["10.0.0.0/8", "10.255.255.255", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["::/0", "10.0.0.1", false],
    ["2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", true],
    ["2001:db8::/64", "2001:db8:0:1::", false],
  ])("%s holds %s: %s", (range, address, isInside) => {
    const parsed = parseIpAddress(address);
    expect(parsed && rangeContains(parseIpRange(range) as IpRange, parsed)).toBe(isInside);
  });

  it("are tolerated where the old object had them", () => {
    const errors: FieldError[] = [];
    checkIpAddress(errors, path, "010.0.0.1", ["010.0.0.1"]);
    checkIpRange(errors, path, "10.0.0.1/8", ["10.0.0.1/8"]);
    expect(errors).toEqual([]);
    checkIpAddress(errors, path, "010.0.0.1");
    checkIpRange(errors, path, "10.0.0.1/8");
    expect(errors.map(({ body }) => body)).toEqual([
      'Invalid value: "010.0.0.1": must not have leading 0s',
      'Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
    ]);
  });
});
