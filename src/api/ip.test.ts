import { describe, expect, it } from "vitest";
import {
  checkInterfaceAddress,
  checkIp,
  checkIpRange,
  checkLegacyIp,
  checkLegacyIpRange,
  formatIp,
  formatIpRange,
  type IpAddress,
  type IpRange,
  ipRangeWarnings,
  ipWarnings,
  parseIp,
  parseIpRange,
  rangeContains,
} from "./ip.ts";

describe("IP addresses", () => {
  it.each([
    ["10.9.8.7", "10.9.8.7"],
    ["010.002.003.004", "10.2.3.4"],
    ["::", "::"],
    ["::1", "::1"],
    ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
  ])("reads %s as %s", (text, canonical) => {
    expect(formatIp(parseIp(text) as IpAddress)).toBe(canonical);
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.256",
    "1.2.3.4.5",
    "1.2.3.4 ",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "12345::",
    "::g",
    "fe80::1%eth0",
    "::1.2.3",
  ])("does not read %j", (text) => {
    expect(parseIp(text)).toBeUndefined();
    expect(checkIp(text)).toEqual(["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]);
  });

  it.each([
    ["leading zeros", "010.2.3.4", ["must not have leading 0s"], ["must not have leading 0s"]],
    [
      "a mapped address",
      "::ffff:1.2.3.4",
      ["must not be an IPv4-mapped IPv6 address"],
      ["must not be an IPv4-mapped IPv6 address"],
    ],
    ["another than the canonical form", "2001:db8::0", ['must be in canonical form ("2001:db8::")'], []],
  ])("refuses %s where new fields ask for it", (_name, text, faults, legacyFaults) => {
    expect([checkIp(text), checkLegacyIp(text)]).toEqual([faults, legacyFaults]);
  });

  it("warns of what older fields let pass", () => {
    expect([
      ...ipWarnings("f", "010.2.3.4"),
      ...ipWarnings("f", "2001:db8::0"),
      ...ipWarnings("f", "10.2.3.4"),
    ]).toEqual([
      'f: non-standard IP address "010.2.3.4" is invalid: use "10.2.3.4"',
      'f: IPv6 address "2001:db8::0" should be in RFC 5952 canonical format ("2001:db8::")',
    ]);
  });
});

describe("IP ranges", () => {
  it.each([
    ["10.9.8.7/24", "10.9.8.0/24"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:db8::1/32", "2001:db8::/32"],
    ["::ffff:192.168.0.1/120", "192.168.0.0/24"],
  ])("reads %s as %s", (text, canonical) => {
    expect(formatIpRange(parseIpRange(text) as IpRange)).toBe(canonical);
  });

  it.each([
    ["no length", "10.0.0.0", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"],
    ["too long a length", "10.0.0.0/33", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"],
    ["a zero before the length", "10.0.0.0/08", "must not have leading 0s in IP or prefix length"],
    ["a mapped address", "::ffff:10.0.0.0/104", "must not have an IPv4-mapped IPv6 address"],
    ["bits behind the prefix", "10.0.0.1/8", "must not have bits set beyond the prefix length"],
  ])("refuses %s", (_name, text, fault) => {
    expect([checkIpRange(text), checkLegacyIpRange(text)]).toEqual([[fault], [fault]]);
  });

  it("asks new fields for the canonical form", () => {
    expect([
      checkIpRange("2001:db8:0::/48"),
      checkInterfaceAddress("10.9.8.7/24"),
      checkInterfaceAddress("010.9.8.7/24"),
    ]).toEqual([['must be in canonical form ("2001:db8::/48")'], [], ['must be in canonical form ("10.9.8.7/24")']]);
  });

  it("warns of what older fields let pass", () => {
    expect([...ipRangeWarnings("f", "10.0.0.1/8"), ...ipRangeWarnings("f", "2001:db8:0::/48")]).toEqual([
      'f: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
      'f: IPv6 CIDR value "2001:db8:0::/48" should be in RFC 5952 canonical format ("2001:db8::/48")',
    ]);
  });

  it("hold the addresses that share their prefix", () => {
    const range = parseIpRange("10.1.0.0/16") as IpRange;
    expect(
      ["10.1.2.3", "10.2.0.0", "::a01:203"].map((text) => rangeContains(range, parseIp(text) as IpAddress)),
    ).toEqual([true, false, false]);
  });
});
