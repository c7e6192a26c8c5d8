import { checkDnsLabel, checkDnsSubdomain } from "../../api/names.ts";

/** Takes `system:serviceaccount:<namespace>:<name>` apart; undefined for names of other users. */
export function splitServiceAccount(
  username: string,
): { readonly namespace: string; readonly name: string } | undefined {
  const parts = username.split(":");
  const [system, kind, namespace = "", name = ""] = parts;
  if (parts.length !== 4 || system !== "system" || kind !== "serviceaccount") return undefined;
  return checkDnsLabel(namespace).length === 0 && checkDnsSubdomain(name).length === 0
    ? { namespace, name }
    : undefined;
}
