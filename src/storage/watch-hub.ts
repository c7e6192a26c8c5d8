import type { Logger } from "../base/log.ts";
import type { StoreEvent, StoreWatcher } from "./store.ts";

/** Tells watchers of what has just become durable. */
export interface WatchHub {
  /** Reports groups to come, of them only changes after `afterRevision`. Returns how to stop. */
  join(prefix: string, afterRevision: number, watcher: StoreWatcher): () => void;
  /** Tells all watchers of one group commit. */
  publish(events: readonly StoreEvent[]): void;
  /** Hands events to a watcher; ends its watch when it throws. Says whether the watch goes on. */
  deliver(watcher: StoreWatcher, events: readonly StoreEvent[]): boolean;
  /** Ends all watches. */
  endAll(error: Error | undefined): void;
}

interface Watch {
  readonly prefix: string;
  readonly afterRevision: number;
  readonly watcher: StoreWatcher;
}

/** Creates a hub without watchers. A watcher that throws is dropped, so that the others and the writer never notice. */
export function createWatchHub(logger: Logger): WatchHub {
  const watches = new Set<Watch>();

  const end = (watcher: StoreWatcher, error: Error | undefined): void => {
    try {
      watcher.onEnd(error);
    } catch (failure) {
      logger.error("a store watcher failed when told of its end", { error: failure });
    }
  };
  const deliver = (watcher: StoreWatcher, events: readonly StoreEvent[]): boolean => {
    try {
      watcher.onEvents(events);
      return true;
    } catch (failure) {
      logger.error("a store watcher failed and is watching no longer", { error: failure });
      end(watcher, failure instanceof Error ? failure : new Error("the watcher threw", { cause: failure }));
      return false;
    }
  };
  return {
    deliver,
    join(prefix, afterRevision, watcher) {
      const watch: Watch = { prefix, afterRevision, watcher };
      watches.add(watch);
      return () => watches.delete(watch);
    },
    publish(events) {
      // Handlers may stop watches and start new ones, which are visited too but want only later revisions.
      for (const watch of watches) {
        const wanted = events.filter((event) => isWanted(watch, event));
        if (wanted.length > 0 && !deliver(watch.watcher, wanted)) watches.delete(watch);
      }
    },
    endAll(error) {
      const ended = [...watches];
      watches.clear();
      for (const watch of ended) end(watch.watcher, error);
    },
  };
}

function isWanted(watch: Watch, event: StoreEvent): boolean {
  return event.revision > watch.afterRevision && event.key.startsWith(watch.prefix);
}
