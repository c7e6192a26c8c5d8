import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { createFileToken } from "./file-token.node.ts";
import type { Connection } from "./kubeconfig.node.ts";

/** Where every container finds its service account. Source: Kubernetes documentation, "Accessing the API from a Pod". */
const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * How a container reaches the cluster that it runs in, as its service account; undefined outside of clusters.
 * @throws {Error} when the account's files cannot be read
 */
export async function inClusterConnection(
  environment: Readonly<Record<string, string | undefined>>,
  clock: Clock,
  folder: string = accountFolder,
): Promise<Connection | undefined> {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "" } = environment;
  if (host === "" || port === "") return undefined;
  const token = createFileToken(join(folder, "token"), undefined, clock);
  const namespace = (await readFile(join(folder, "namespace"), "utf8")).trim();
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace,
    tls: () => ({ authorities: readFileSync(join(folder, "ca.crt"), "utf8") }),
    token,
  };
}
