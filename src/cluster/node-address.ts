import { readFile } from "node:fs/promises";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

/**
 * The address under which this machine is best reached: that of the link with the default route, else of any link that
 * is not loopback, else loopback's own.
 */
export async function findNodeAddress(): Promise<string> {
  const routes = await readFile("/proc/net/route", "utf8").catch(() => "");
  return chooseAddress(networkInterfaces(), defaultRouteLink(routes));
}

/** Chooses among the addresses of a machine. Bridges and pairs that clusters have made count last. */
export function chooseAddress(links: NodeJS.Dict<NetworkInterfaceInfo[]>, preferredLink: string | undefined): string {
  const candidates = Object.entries(links).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ family }) => family === "IPv4")
      .map(({ address, internal }) => ({ name, address, internal })),
  );
  const rank = ({ name, internal }: (typeof candidates)[number]): number =>
    name === preferredLink ? 0 : internal ? 3 : /^(k8ts|veth|docker|cni)/.test(name) ? 2 : 1;
  return candidates.toSorted((a, b) => rank(a) - rank(b))[0]?.address ?? "127.0.0.1";
}

/** The link of the default route with the least metric, from the text of `/proc/net/route`. */
export function defaultRouteLink(table: string): string | undefined {
  const routes = table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1] === "00000000" && fields[7] === "00000000")
    .map((fields) => ({ link: fields[0] ?? "", metric: Number(fields[6] ?? 0) }));
  return routes.toSorted((a, b) => a.metric - b.metric)[0]?.link;
}
