import { describe, expect, it } from "vitest";
import * as names from "./names.ts";

const checks: Readonly<Record<string, (value: string) => names.Faults>> = {
  "DNS label": names.checkDnsLabel,
  "DNS subdomain": names.checkDnsSubdomain,
  "DNS subdomain with underscore": names.checkDnsSubdomainWithUnderscore,
  "wildcard subdomain": names.checkWildcardDnsSubdomain,
  "DNS-1035 label": names.checkDns1035Label,
  "path segment": names.checkPathSegment,
  "label key": names.checkLabelKey,
  "label value": names.checkLabelValue,
  "C identifier": names.checkCIdentifier,
  "port name": names.checkPortName,
  percent: names.checkPercent,
  "HTTP header": names.checkHttpHeaderName,
  "env var": names.checkEnvVarName,
  "relaxed env var": names.checkRelaxedEnvVarName,
  "config map key": names.checkConfigMapKey,
  "condition reason": names.checkConditionReason,
};
const faultsOf = (rule: string, value: string): names.Faults => checks[rule]?.(value) ?? ["no such rule"];

describe("names", () => {
  it.each([
    ["DNS label", "a-1"],
    ["DNS subdomain", `a.b-c.${"x".repeat(63)}`],
    ["DNS subdomain", "x".repeat(253)],
    ["DNS subdomain with underscore", "_a.b_c"],
    ["wildcard subdomain", "*.a.b"],
    ["DNS-1035 label", "a1"],
    ["path segment", "system:node:a"],
    ["label key", "example.com/My_Name.1"],
    ["label value", ""],
    ["label value", "x".repeat(63)],
    ["C identifier", "_a1"],
    ["port name", "http-2"],
    ["percent", "0%"],
    ["HTTP header", "X-A"],
    ["env var", "a.b-C_1"],
    ["relaxed env var", "1 a:b"],
    ["config map key", ".a_B-1"],
    ["condition reason", "A,b:c_"],
  ])("%s: allows %j", (rule, value) => {
    expect(faultsOf(rule, value)).toEqual([]);
  });

  const label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
  const subdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  const keyName =
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

  it.each([
    ["DNS label", "A", [label]],
    ["DNS label", "a.b", ["must not contain dots"]],
    ["DNS label", "x".repeat(64), ["must be no more than 63 characters"]],
    ["DNS label", "é".repeat(32), ["must be no more than 63 characters", label]],
    ["DNS label", "é".repeat(31), [label]],
    ["DNS subdomain", "a..b", [subdomain]],
    ["path segment", "..", ["may not be '..'"]],
    ["path segment", "a/%", ["may not contain '/'", "may not contain '%'"]],
    ["label key", "", ["name part must be non-empty", keyName]],
    ["label key", "/a", ["prefix part must be non-empty"]],
    ["label key", `a/${"x".repeat(64)}`, ["name part must be no more than 63 bytes"]],
    ["label key", "A/b", [`prefix part ${subdomain}`]],
    ["label value", "x".repeat(64), ["must be no more than 63 bytes"]],
    ["port name", "1--2", ["must contain at least one letter (a-z)", "must not contain consecutive hyphens"]],
    [
      "port name",
      "-A",
      [
        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
        "must contain at least one letter (a-z)",
        "must not begin or end with a hyphen",
      ],
    ],
    [
      "percent",
      "5",
      [
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ],
    ],
    ["env var", "..", ["must not be '..'"]],
    ["relaxed env var", "", ["environment variable name must be non-empty"]],
    [
      "relaxed env var",
      "a=b",
      ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
    ],
    ["config map key", "..a", ["must not start with '..'"]],
  ])("%s: refuses %j in upstream's words", (rule, value, faults) => {
    expect(faultsOf(rule, value)).toEqual(faults);
  });

  it("lets the fixed part of a generated name end with a dash", () => {
    expect([names.checkName("dnsLabel", "web-", true), names.checkName("dnsLabel", "web-")]).toEqual([[], [label]]);
  });

  it("checks numbers against inclusive bounds", () => {
    expect([
      names.checkPortNumber(65_535),
      names.checkPortNumber(1),
      names.checkPortNumber(0),
      names.checkUnixId(-1),
    ]).toEqual([[], [], ["must be between 1 and 65535, inclusive"], ["must be between 0 and 2147483647, inclusive"]]);
  });
});
