import type { PullCredential } from "./pull-credentials.ts";

/**
 * Remembers with which credentials images were fetched, so that a pod cannot use another's private image only because
 * it happens to be on the node. Images that were there before count as open to all. Source: KEP-2535, policy
 * NeverVerifyPreloadedImages. The memory does not outlive the agent.
 */
export interface AccessRecords {
  recordPull(imageId: string, credentials: readonly PullCredential[]): void;
  mayUse(imageId: string, credentials: readonly PullCredential[]): boolean;
}

/** Images remembered; the oldest is forgotten first, and is then open to all again. */
const maxImages = 10_000;

/** Creates records without entries. */
export function createAccessRecords(): AccessRecords {
  /** Credentials that opened an image; `open` when none were needed. */
  const records = new Map<string, Set<string> | "open">();
  return {
    recordPull(imageId, credentials) {
      const known = records.get(imageId);
      if (known === "open") return;
      records.delete(imageId);
      if (credentials.length === 0) records.set(imageId, "open");
      else records.set(imageId, new Set([...(known ?? []), ...credentials.flatMap(marksOf)]));
      const [oldest] = records.keys();
      if (records.size > maxImages && oldest !== undefined) records.delete(oldest);
    },
    mayUse(imageId, credentials) {
      const record = records.get(imageId);
      if (record === undefined || record === "open") return true;
      return credentials.flatMap(marksOf).some((mark) => record.has(mark));
    },
  };
}

/** The same secret, or another with the same login. */
function marksOf({ secretUid, serverAddress, username, password }: PullCredential): string[] {
  return [`secret ${secretUid}`, `login ${JSON.stringify([serverAddress, username, password])}`];
}
