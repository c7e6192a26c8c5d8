import { generateKeyPairSync } from "node:crypto";
import type { UserInfo } from "../api/user.ts";
import { createDocumentTools } from "../apiserver/openapi-tools.node.ts";
import { createStandardParts, reconcileDefaults } from "../apiserver/standard-parts.ts";
import { createTokenKeys } from "../apiserver/token-keys.node.ts";
import { silentLogger } from "../base/log.ts";
import { createSeededRandom } from "../base/random.ts";
import { createVirtualClock, type VirtualClock } from "../base/virtual-clock.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

/** A test server whose authentication, authorisation and admission are those of a real one. */
export interface SecureServer extends TestServer {
  readonly clock: VirtualClock;
}

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keys = createTokenKeys({ signing: privateKey.export({ type: "pkcs8", format: "pem" }).toString() });

/** Starts a secure server with the default roles and bindings in place. */
export async function startSecureServer(
  namespaces: readonly string[] = ["default"],
  clock: VirtualClock = createVirtualClock(),
): Promise<SecureServer> {
  const random = createSeededRandom(7);
  const started = await startTestServer({
    clock,
    random,
    namespaces,
    parts: (context) =>
      createStandardParts(context, {
        clock,
        random,
        logger: silentLogger,
        keys,
        documents: createDocumentTools(),
        externalUrl: "https://10.0.0.1:6443",
      }),
  });
  await reconcileDefaults(started.client, silentLogger, new AbortController().signal);
  return { ...started, clock };
}

/** Someone without any rights but those that everybody has. */
export const jane: UserInfo = { username: "jane", groups: ["system:authenticated"] };
