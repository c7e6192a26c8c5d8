/** Hands each event to every listener that is there. */
export interface EventHub<Event> {
  publish(event: Event): void;
  /** Events from now on, until the signal is aborted. A listener that falls too far behind gets `overflow` instead. */
  listen(signal: AbortSignal): AsyncIterable<Event>;
}

/** Events that wait for one listener before they are dropped and replaced by the overflow event. */
const maxWaiting = 10_000;

/** Creates a hub without listeners. */
export function createEventHub<Event>(overflow: Event): EventHub<Event> {
  const listeners = new Set<(event: Event) => void>();
  return {
    publish(event) {
      for (const listener of listeners) listener(event);
    },
    listen(signal) {
      let waiting: Event[] = [];
      let wake: (() => void) | undefined;
      const listener = (event: Event): void => {
        if (waiting.length >= maxWaiting) waiting = [overflow];
        waiting.push(event);
        wake?.();
      };
      listeners.add(listener);
      const onAbort = (): void => {
        listeners.delete(listener);
        wake?.();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      return (async function* () {
        try {
          while (!signal.aborted) {
            if (waiting.length === 0)
              await new Promise<void>((resolve) => {
                wake = resolve;
              });
            const batch = waiting;
            waiting = [];
            for (const event of batch) {
              if (signal.aborted) return;
              yield event;
            }
          }
        } finally {
          listeners.delete(listener);
          signal.removeEventListener("abort", onAbort);
        }
      })();
    },
  };
}
