import type { Clock } from "../base/clock.ts";
import type { Client, WatchEvent } from "../client/client.ts";

/** A client whose watches tell of changes some time after they happened. */
export function createLaggingClient(client: Client, clock: Clock, lagMs: number): Client {
  if (lagMs === 0) return client;
  return {
    ...client,
    async *watch(resource, watching, signal) {
      const waiting: (readonly WatchEvent<never>[] | undefined)[] = [];
      let wake = (): void => undefined;
      const later = (batch: readonly WatchEvent<never>[] | undefined): void => {
        clock.setTimer(lagMs, () => {
          waiting.push(batch);
          wake();
        });
      };
      const pump = async (): Promise<void> => {
        for await (const batch of client.watch(resource, watching, signal))
          later(batch as readonly WatchEvent<never>[]);
        later(undefined);
      };
      const pumping = pump();
      while (!signal.aborted) {
        const batch = waiting.shift();
        if (batch !== undefined) yield batch;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
            signal.addEventListener("abort", () => resolve(), { once: true });
          });
      }
      await pumping;
    },
  };
}
