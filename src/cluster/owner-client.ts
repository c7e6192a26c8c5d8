import type { Clock } from "../base/clock.ts";
import type { Client } from "../client/client.ts";
import { createHttpClient } from "../client/http-client.ts";
import { createHttpsTransport } from "../client/https-transport.node.ts";
import { connectionOf, loadKubeconfig } from "../client/kubeconfig.node.ts";
import type { ClusterLayout } from "./layout.ts";
import { readPackageVersion } from "./package-version.ts";

/** Connects to a cluster of this machine as its owner. Close the connection, or it keeps the process. */
export async function connectAsOwner(layout: ClusterLayout, clock: Clock): Promise<{ client: Client; close(): void }> {
  const connection = connectionOf(await loadKubeconfig([layout.kubeconfig]), clock);
  const transport = createHttpsTransport({ ...connection, clock });
  const client = createHttpClient({ transport, clock, userAgent: `k8ts/${readPackageVersion()}` });
  return { client, close: () => transport.close() };
}
