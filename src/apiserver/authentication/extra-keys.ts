import { type FieldError, FieldPath, fieldError, joinFieldErrors } from "../../api/field-error.ts";
import { goQuote } from "../../api/go-quote.ts";
import { checkDnsSubdomain } from "../../api/names.ts";

/** Extra fields of a user: values by key. */
type Extra = ReadonlyMap<string, readonly string[]>;

const pathPattern = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;
const pathRule = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";

/** What keeps extra fields from being impersonated with narrow rights; undefined when nothing does. */
export function checkExtraKeys(extra: Extra): string | undefined {
  for (const [key, values] of extra) {
    if (key === "") return "impersonating the empty string key in extra is not allowed";
    const faults = pathFaults(key);
    if (faults.length > 0) return `impersonating an invalid key in extra is not allowed: ${joinFieldErrors(faults)}`;
    if (key !== key.toLowerCase()) return `impersonating a non-lowercase key in extra is not allowed: ${goQuote(key)}`;
    if (values.length === 0) return "impersonating empty values in extra is not allowed";
    if (values.includes("")) return "impersonating the empty string value in extra is not allowed";
  }
  return undefined;
}

/** Keys are paths below a domain, such as `example.com/team`. */
function pathFaults(key: string): FieldError[] {
  const at = FieldPath.of("extra").child("key");
  const slash = key.indexOf("/");
  const host = key.slice(0, Math.max(slash, 0));
  const path = key.slice(slash + 1);
  if (host === "" || path === "")
    return [fieldError.invalid(at, key, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const faults = checkDnsSubdomain(host).map((fault) => fieldError.invalid(at, host, fault));
  if (!pathPattern.test(path)) faults.push(fieldError.invalid(at, path, pathRule));
  return faults;
}
