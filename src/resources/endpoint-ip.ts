import { type FieldError, type FieldPath, fieldError } from "../api/field-error.ts";
import { parseIpAddress } from "./ip-address.ts";

/** Refuses addresses that mean the machine itself or a group: they cannot be where traffic is sent. */
export function checkEndpointIp(errors: FieldError[], path: FieldPath, text: string): void {
  const address = parseIpAddress(text);
  const refuse = (detail: string): void => {
    errors.push(fieldError.invalid(path, text, detail));
  };
  if (address === undefined) {
    refuse("must be a valid IP address");
    return;
  }
  const { family, value } = address;
  const isIpv4 = family === "IPv4";
  if (value === 0n) refuse(`may not be unspecified (${text})`);
  if (isIpv4 ? value >> 24n === 127n : value === 1n) refuse("may not be in the loopback range (127.0.0.0/8, ::1/128)");
  if (isIpv4 ? value >> 16n === 0xa9fen : value >> 118n === 0x3fan)
    refuse("may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  if (isIpv4 ? value >> 8n === 0xe00000n : value >> 112n === 0xff02n)
    refuse("may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}
