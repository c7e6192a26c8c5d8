import { describe, expect, it } from "vitest";
import { type FieldError, FieldPath } from "../api/field-error.ts";
import {
  checkCanonicalIpAddress,
  checkCanonicalIpRange,
  checkIpAddress,
  checkIpRange,
  formatIpAddress,
  formatIpRange,
  isDualStack,
  parseIpAddress,
  parseIpRange,
  rangeContains,
  warnOfIpAddress,
  warnOfIpRange,
} from "./ip-address.ts";

const path = FieldPath.of("ip");

describe("IP address", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["010.0.00.1", "10.0.0.1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"],
    ["::ffff:10.1.2.3", "10.1.2.3"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
  ])("%s is written %s", (text, canonical) => {
    const address = parseIpAddress(text);
    expect(address && formatIpAddress(address)).toBe(canonical);
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.256",
    "1.2.3.4.5",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "12345::",
    "g::",
    "fe80::1%eth0",
    "1.2.3.x",
  ])("%s is none", (text) => {
    expect(parseIpAddress(text)).toBeUndefined();
  });

  it("knows two families from one", () => {
    expect([
      isDualStack(["1.1.1.1", "::1"]),
      isDualStack(["1.1.1.1", "2.2.2.2"]),
      isDualStack(["1.1.1.1", "x"]),
    ]).toEqual([true, false, false]);
  });
});

describe("address range", () => {
  it.each([
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["2001:db8::1/64", "2001:db8::/64"],
    ["0.0.0.0/0", "0.0.0.0/0"],
  ])("%s is %s", (text, canonical) => {
    const range = parseIpRange(text);
    expect(range && formatIpRange(range)).toBe(canonical);
  });

  it("holds the addresses of its prefix", () => {
    const range = parseIpRange("10.96.0.0/12");
    const holds = (text: string) => {
      const address = parseIpAddress(text);
      return range !== undefined && address !== undefined && rangeContains(range, address);
    };
    expect([holds("10.96.0.1"), holds("10.111.255.255"), holds("10.112.0.0"), holds("::1")]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("check of addresses", () => {
  const faults = (check: (errors: FieldError[], at: FieldPath, text: string) => void, text: string): string[] => {
    const errors: FieldError[] = [];
    check(errors, path, text);
    return errors.map((error) => error.body);
  };

  it.each([
    [checkIpAddress, "x", 'Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    [checkIpAddress, "01.2.3.4", 'Invalid value: "01.2.3.4": must not have leading 0s'],
    [checkIpAddress, "::ffff:1.2.3.4", 'Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address'],
    [checkCanonicalIpAddress, "2001:DB8::1", 'Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")'],
    [
      checkIpRange,
      "1.2.3.4",
      'Invalid value: "1.2.3.4": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
    [
      checkIpRange,
      "1.2.3.0/33",
      'Invalid value: "1.2.3.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
    [checkIpRange, "1.2.3.4/24", 'Invalid value: "1.2.3.4/24": must not have bits set beyond the prefix length'],
    [checkIpRange, "1.2.3.0/024", 'Invalid value: "1.2.3.0/024": must not have leading 0s in IP or prefix length'],
    [
      checkCanonicalIpRange,
      "2001:DB8::/64",
      'Invalid value: "2001:DB8::/64": must be in canonical form ("2001:db8::/64")',
    ],
  ])("%o of %s", (check, text, body) => {
    expect(faults(check, text)).toEqual([body]);
  });

  it("tolerates what was there before", () => {
    const errors: FieldError[] = [];
    checkIpAddress(errors, path, "01.2.3.4", ["01.2.3.4"]);
    expect(errors).toEqual([]);
  });

  it.each([
    [warnOfIpAddress, "1.2.3.4", []],
    [warnOfIpAddress, "01.2.3.4", ['ip: non-standard IP address "01.2.3.4" is invalid: use "1.2.3.4"']],
    [
      warnOfIpAddress,
      "2001:db8:0::1",
      ['ip: IPv6 address "2001:db8:0::1" should be in RFC 5952 canonical format ("2001:db8::1")'],
    ],
    [
      warnOfIpRange,
      "1.2.3.4/24",
      ['ip: CIDR value "1.2.3.4/24" is ambiguous in this context (should be "1.2.3.0/24" or "1.2.3.4/32"?)'],
    ],
    [
      warnOfIpRange,
      "2001:DB8::/64",
      ['ip: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format ("2001:db8::/64")'],
    ],
  ])("warns with %o of %s", (warn, text, warnings) => {
    expect(warn(path, text)).toEqual(warnings);
  });
});
