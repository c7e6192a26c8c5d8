/**
 * The rules of names and other short texts. Each check answers what is wrong, in upstream's words; nothing when the
 * text keeps the rule.
 */
import { utf8Length } from "./utf8.ts";

/** What is wrong with a text; empty when nothing is. */
export type Faults = readonly string[];

/** Rules that a kind may set for the names of its objects. */
export type NameRule = "dnsSubdomain" | "dnsLabel" | "dns1035Label" | "pathSegment";

const none: Faults = Object.freeze([]);

/** Longest DNS label, in bytes. */
export const maxDnsLabelLength = 63;
/** Longest DNS subdomain, in bytes: also the longest name of most objects. */
export const maxDnsSubdomainLength = 253;
/** Longest label value, in bytes. */
export const maxLabelValueLength = 63;
const maxPortNameLength = 15;
const maxPort = 65_535;
/** Highest user and group id: 2^31 - 1. */
const maxUnixId = 2_147_483_647;

interface Format {
  readonly pattern: RegExp;
  readonly fault: string;
}

const dnsLabel = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const dnsLabelWithUnderscore = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const labelKey = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const startAndEnd = "must start and end with an alphanumeric character";
const lowerCase = "must consist of lower case alphanumeric characters";

const formats = {
  dnsLabel: format(
    dnsLabel,
    `a lowercase RFC 1123 label ${lowerCase} or '-', and ${startAndEnd}`,
    "my-name",
    "123-abc",
  ),
  dnsSubdomain: format(
    `${dnsLabel}(\\.${dnsLabel})*`,
    `a lowercase RFC 1123 subdomain ${lowerCase}, '-' or '.', and ${startAndEnd}`,
    "example.com",
  ),
  dnsSubdomainWithUnderscore: format(
    `${dnsLabelWithUnderscore}(\\.${dnsLabelWithUnderscore})*`,
    `a lowercase RFC 1123 subdomain ${lowerCase}, '_', '-' or '.', and ${startAndEnd}`,
    "example.com",
  ),
  wildcardDnsSubdomain: format(
    `\\*\\.${dnsLabel}(\\.${dnsLabel})*`,
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which " +
      `${lowerCase}, '-' or '.' and end with an alphanumeric character`,
    "*.example.com",
  ),
  dns1035Label: format(
    "[a-z]([-a-z0-9]*[a-z0-9])?",
    `a DNS-1035 label ${lowerCase} or '-', start with an alphabetic character, and end with an alphanumeric character`,
    "my-name",
    "abc-123",
  ),
  labelKey: format(
    labelKey,
    `must consist of alphanumeric characters, '-', '_' or '.', and ${startAndEnd}`,
    "MyName",
    "my.name",
    "123-abc",
  ),
  labelValue: format(
    `(${labelKey})?`,
    `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and ${startAndEnd}`,
    "MyValue",
    "my_value",
    "12345",
  ),
  cIdentifier: format(
    "[A-Za-z_][A-Za-z0-9_]*",
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
    "my_name",
    "MY_NAME",
    "MyName",
  ),
  percent: format("[0-9]+%", "a valid percent string must be a numeric string followed by an ending '%'", "1%", "93%"),
  httpHeaderName: format(
    "[-A-Za-z0-9]+",
    "a valid HTTP header must consist of alphanumeric characters or '-'",
    "X-Header-Name",
  ),
  envVarName: format(
    "[-._a-zA-Z][-._a-zA-Z0-9]*",
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
    "my.env-name",
    "MY_ENV.NAME",
    "MyEnvName1",
  ),
  configMapKey: format(
    "[-._a-zA-Z0-9]+",
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    "key.name",
    "KEY_NAME",
    "key-name",
  ),
  conditionReason: format(
    "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?",
    "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
    "my_name",
    "MY_NAME",
    "MyName",
    "ReasonA,ReasonB",
    "ReasonA:ReasonB",
  ),
} as const;

/**
 * Checks an object's name, or the fixed part of a generated one, which may end with a dash.
 * @param isPrefix true for `generateName`
 */
export function checkName(rule: NameRule, name: string, isPrefix = false): Faults {
  if (rule === "pathSegment") return isPrefix ? checkPathSegmentPrefix(name) : checkPathSegment(name);
  const checked = isPrefix ? maskTrailingDash(name) : name;
  switch (rule) {
    case "dnsSubdomain":
      return checkDnsSubdomain(checked);
    case "dnsLabel":
      return checkDnsLabel(checked);
    case "dns1035Label":
      return checkDns1035Label(checked);
  }
}

/** A generated part follows the dash, so a dash at the end is fine. What stands before it may be anything, as upstream has it. */
function maskTrailingDash(name: string): string {
  const endsInDash = name.length > 1 && name.endsWith("-") && name.charCodeAt(name.length - 2) < 0x80;
  return endsInDash ? `${name.slice(0, -2)}a` : name;
}

/** `my-name`: the names of namespaces, containers and many other things. */
export function checkDnsLabel(value: string): Faults {
  const matches = formats.dnsLabel.pattern.test(value);
  if (matches && value.length <= maxDnsLabelLength) return none;
  const faults = lengthFaults(value, maxDnsLabelLength);
  if (!matches)
    faults.push(formats.dnsSubdomain.pattern.test(value) ? "must not contain dots" : formats.dnsLabel.fault);
  return faults;
}

/** `example.com`: the names of most objects. */
export function checkDnsSubdomain(value: string): Faults {
  return checkFormat(formats.dnsSubdomain, value, maxDnsSubdomainLength);
}

/** A DNS subdomain whose labels may begin with and contain underscores. */
export function checkDnsSubdomainWithUnderscore(value: string): Faults {
  return checkFormat(formats.dnsSubdomainWithUnderscore, value, maxDnsSubdomainLength);
}

/** `*.example.com`. */
export function checkWildcardDnsSubdomain(value: string): Faults {
  return checkFormat(formats.wildcardDnsSubdomain, value, maxDnsSubdomainLength);
}

/** A DNS label that starts with a letter. */
export function checkDns1035Label(value: string): Faults {
  return checkFormat(formats.dns1035Label, value, maxDnsLabelLength);
}

/** A name that stands alone in a URL path. */
export function checkPathSegment(name: string): Faults {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return checkPathSegmentPrefix(name);
}

/** The beginning of a name that stands alone in a URL path. */
export function checkPathSegmentPrefix(name: string): Faults {
  const bad = ["/", "%"].filter((part) => name.includes(part));
  return bad.length === 0 ? none : bad.map((part) => `may not contain '${part}'`);
}

/** `app` or `example.com/app`: label and annotation keys, finalizers, and what upstream calls qualified names. */
export function checkLabelKey(value: string): Faults {
  const parts = value.split("/");
  const name = parts[parts.length - 1] as string;
  if (parts.length > 2)
    return [
      `a valid label key ${formats.labelKey.fault} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  const faults: string[] = [];
  if (parts.length === 2) faults.push(...checkKeyPrefix(parts[0] as string));
  if (name === "") faults.push("name part must be non-empty");
  else if (isTooLong(name, maxDnsLabelLength)) faults.push(`name part ${tooManyBytes(maxDnsLabelLength)}`);
  if (!formats.labelKey.pattern.test(name)) faults.push(`name part ${formats.labelKey.fault}`);
  return faults.length === 0 ? none : faults;
}

function checkKeyPrefix(prefix: string): string[] {
  if (prefix === "") return ["prefix part must be non-empty"];
  const faults: string[] = [];
  if (isTooLong(prefix, maxDnsSubdomainLength)) faults.push(`prefix part ${tooManyBytes(maxDnsSubdomainLength)}`);
  if (!formats.dnsSubdomain.pattern.test(prefix)) faults.push(`prefix part ${formats.dnsSubdomain.fault}`);
  return faults;
}

/** A label's value; may be empty. */
export function checkLabelValue(value: string): Faults {
  const matches = formats.labelValue.pattern.test(value);
  if (matches && value.length <= maxLabelValueLength) return none;
  const faults = isTooLong(value, maxLabelValueLength) ? [tooManyBytes(maxLabelValueLength)] : [];
  if (!matches) faults.push(formats.labelValue.fault);
  return faults;
}

/** A name such as programming languages allow. */
export function checkCIdentifier(value: string): Faults {
  return checkFormat(formats.cIdentifier, value);
}

/** A container port's name: `http`, `web-2`. */
export function checkPortName(name: string): Faults {
  const faults = lengthFaults(name, maxPortNameLength);
  if (!/^[-a-z0-9]+$/.test(name)) faults.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(name)) faults.push("must contain at least one letter (a-z)");
  if (name.includes("--")) faults.push("must not contain consecutive hyphens");
  if (name.startsWith("-") || name.endsWith("-")) faults.push("must not begin or end with a hyphen");
  return faults.length === 0 ? none : faults;
}

/** A port number: 1 to 65535. */
export function checkPortNumber(port: number): Faults {
  return checkRange(port, 1, maxPort);
}

/** A Unix user or group id: 0 to 2^31 - 1. */
export function checkUnixId(id: number): Faults {
  return checkRange(id, 0, maxUnixId);
}

/** A number within inclusive bounds. */
export function checkRange(value: number, min: number, max: number): Faults {
  return value >= min && value <= max ? none : [`must be between ${min} and ${max}, inclusive`];
}

/** `25%`. */
export function checkPercent(value: string): Faults {
  return checkFormat(formats.percent, value);
}

/** An HTTP header's name. */
export function checkHttpHeaderName(value: string): Faults {
  return checkFormat(formats.httpHeaderName, value);
}

/** An environment variable's name, strictly: what `envFrom` prefixes and older rules ask for. */
export function checkEnvVarName(value: string): Faults {
  return [...checkFormat(formats.envVarName, value), ...parentFolderFaults(value)];
}

/** An environment variable's name as pods may have it: printable ASCII but `=`. */
export function checkRelaxedEnvVarName(value: string): Faults {
  const faults: string[] = [];
  if (value === "") faults.push("environment variable name must be non-empty");
  if (/[^ -<>-~]/.test(value))
    faults.push("a valid environment variable name must consist only of printable ASCII characters other than '='");
  return faults.length === 0 ? none : faults;
}

/** A key in a ConfigMap's or Secret's data, which may become a file's name. */
export function checkConfigMapKey(value: string): Faults {
  const faults = [...checkFormat(formats.configMapKey, value, maxDnsSubdomainLength), ...parentFolderFaults(value)];
  return faults.length === 0 ? none : faults;
}

/** A condition's machine-readable reason. */
export function checkConditionReason(value: string): Faults {
  return checkFormat(formats.conditionReason, value);
}

function parentFolderFaults(value: string): Faults {
  if (value === "." || value === "..") return [`must not be '${value}'`];
  return value.startsWith("..") ? ["must not start with '..'"] : none;
}

function checkFormat(format: Format, value: string, maxBytes = Number.POSITIVE_INFINITY): Faults {
  const matches = format.pattern.test(value);
  if (matches && value.length <= maxBytes) return none;
  const faults = lengthFaults(value, maxBytes);
  if (!matches) faults.push(format.fault);
  return faults;
}

function lengthFaults(value: string, maxBytes: number): string[] {
  return isTooLong(value, maxBytes) ? [`must be no more than ${maxBytes} characters`] : [];
}

function isTooLong(value: string, maxBytes: number): boolean {
  return value.length > maxBytes || (value.length * 3 > maxBytes && utf8Length(value) > maxBytes);
}

/** Labels say bytes where names say characters. */
function tooManyBytes(maxBytes: number): string {
  return `must be no more than ${maxBytes} bytes`;
}

function format(source: string, rule: string, ...examples: readonly [string, ...string[]]): Format {
  // Upstream leaves a comma behind the last example too.
  const shown = examples.map((example) => `'${example}', `).join(" or ");
  return {
    pattern: new RegExp(`^${source}$`),
    fault: `${rule} (e.g. ${shown}regex used for validation is '${source}')`,
  };
}
