import { type FieldError, type FieldPath, fieldError } from "../../api/field-error.ts";
import {
  checkDnsLabel,
  checkDnsSubdomain,
  type Faults,
  maxDnsLabelLength,
  maxDnsSubdomainLength,
} from "../../api/names.ts";

/** Domain, slash, and a namespace, a dot and a name. */
const maxSignerLength = maxDnsSubdomainLength + 1 + maxDnsSubdomainLength + maxDnsLabelLength + 1;

/** Checks who is to sign, such as `example.com/my-signer`. */
export function checkSignerName(errors: FieldError[], path: FieldPath, name: string): void {
  if (name === "") {
    errors.push(fieldError.required(path));
    return;
  }
  const [domain = "", rest, more] = name.split("/");
  if (rest === undefined || more !== undefined) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errors.push(fieldError.invalid(path, name, detail));
    return;
  }
  if (domain.length > maxDnsSubdomainLength) errors.push(fieldError.tooLong(path, maxDnsSubdomainLength));
  checkParts(errors, path, domain, checkDnsLabel);
  if (!domain.includes("."))
    errors.push(fieldError.invalid(path, domain, "should be a domain with at least two segments separated by dots"));
  checkParts(errors, path, rest, checkDnsSubdomain);
  if (name.length > maxSignerLength) errors.push(fieldError.tooLong(path, maxSignerLength));
}

/** Only the first part that is wrong is told. */
function checkParts(errors: FieldError[], path: FieldPath, text: string, check: (part: string) => Faults): void {
  for (const part of text.split(".")) {
    const faults = check(part);
    for (const fault of faults) errors.push(fieldError.invalid(path, text, `validating label "${part}": ${fault}`));
    if (faults.length > 0) return;
  }
}
