import type { UserInfo } from "../api/user.ts";
import { backoffDelayMs } from "../base/backoff.ts";
import { type Clock, sleep } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { createInformers } from "../client/shared-informers.ts";
import type { ControllerDefinition, ControllerMetrics } from "./controller.ts";

/** What a set of controllers needs to run in one process. */
export interface ManagerOptions {
  readonly definitions: readonly ControllerDefinition[];
  /** Speaks for the caches that all controllers share. */
  readonly client: Client;
  /** Gives a client that acts as a controller's user. */
  readonly clientFor: (user: UserInfo) => Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics?: ControllerMetrics;
}

/** How long a controller that broke down rests before it is started again. */
const restartPolicy = { initialMs: 1_000, maxMs: 300_000, jitter: 0.2 };

/**
 * Runs controllers over one set of caches until the signal is aborted, and resolves when all have stopped. One that
 * breaks down is started again and harms no other.
 */
export async function runControllers(options: ManagerOptions, signal: AbortSignal): Promise<void> {
  const { client, clientFor, clock, random, metrics } = options;
  const informers = createInformers({ client, clock, random, logger: options.logger }, signal);
  const runOne = async (definition: ControllerDefinition): Promise<void> => {
    const logger = options.logger.with({ controller: definition.name });
    const own = clientFor(definition.user);
    const source = { component: definition.eventSource ?? definition.name };
    const events = createEventRecorder({ client: own, source, clock, random, logger }, signal);
    const base = { client: own, informers, events, clock, random, logger };
    const dependencies = metrics === undefined ? base : { ...base, metrics };
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        await definition.create(dependencies).run(signal);
        return;
      } catch (error) {
        logger.error("controller broke down, starting it again", { error });
        await rest(clock, backoffDelayMs(restartPolicy, failures, random), signal);
      }
    }
  };
  await Promise.all(options.definitions.map(runOne));
}

async function rest(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(clock, delayMs, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
