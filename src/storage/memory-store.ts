import type { Clock } from "../base/clock.ts";
import { type Logger, silentLogger } from "../base/log.ts";
import type { CommitLimits } from "./commit-queue.ts";
import { createLogStore } from "./log-store.ts";
import { createMemoryLog } from "./memory-log.ts";
import type { Store } from "./store.ts";

/**
 * Creates an empty store that is gone with the process: for tests, simulations and clusters inside a program. It never
 * waits for anything but promise reactions, so it runs in virtual time; only keys that expire need the clock.
 */
export function createMemoryStore(options: {
  readonly clock: Clock;
  /** Default: writes nothing. */
  readonly logger?: Logger;
  readonly limits?: CommitLimits;
}): Store {
  return createLogStore({
    ...options,
    logger: options.logger ?? silentLogger,
    log: createMemoryLog(),
    state: { revision: 0, compactedRevision: 0, needsSweep: false, heads: [] },
    endTurn: queueMicrotask,
  });
}
