import { type FieldError, type FieldPath, fieldError } from "../../api/field-error.ts";

const partPattern = /^[A-Za-z.\-_0-9+]{1,14}$/;

/** True for the name of a time zone in the IANA database; the empty name is UTC. */
export function isTimeZone(name: string): boolean {
  if (name === "") return true;
  // The runtime also takes bare offsets, which are no names, and names in any case.
  if (!name.split("/").every((part) => /^[A-Z]/.test(part))) return false;
  try {
    const known = Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
    return known === name || known.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** Checks the name of a time zone; a missing one is fine. */
export function checkTimeZone(errors: FieldError[], path: FieldPath, name: string | undefined): void {
  if (name === undefined) return;
  const refuse = (detail: string): void => void errors.push(fieldError.invalid(path, name, detail));
  const isPart = (part: string): boolean =>
    part !== "." && part !== ".." && !part.startsWith("-") && partPattern.test(part);
  if (name === "") refuse("timeZone must be nil or non-empty string");
  else if (!name.split("/").every(isPart)) refuse(`unknown time zone ${name}`);
  else if (name.toLowerCase() === "local") {
    refuse("timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
    if (name !== "Local") refuse(`unknown time zone ${name}`);
  } else if (!isTimeZone(name)) refuse(`unknown time zone ${name}`);
}
