/** True for addresses with dots, false for those with colons. */
export function isIpv4(ip: string): boolean {
  return !ip.includes(":");
}
