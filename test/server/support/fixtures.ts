import type { ApiObject } from "../../../src/api/metadata.ts";
import type { Resource } from "../../../src/api/resource.ts";
import { StatusError } from "../../../src/api/status-error.ts";
import type { Client, WatchEvent, WatchOptions } from "../../../src/client/client.ts";

/** An object of that name in the namespace `default`. */
export const inDefault = (name: string) => ({ namespace: "default", name });

/** A small pod. */
export const podNamed = (name: string, labels: Readonly<Record<string, string>> = {}) => ({
  metadata: { ...inDefault(name), labels },
  spec: { containers: [{ name: "web", image: "nginx" }] },
});

/** What a refused request was told. */
export interface Failure {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

/** Waits for work to be refused. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { code, reason, message } = error;
    return { code, reason, message };
  }
  throw new Error("did not fail");
}

/** A watch whose events pile up until they are looked at. */
export interface Collector {
  /** What has come since the last time, for example `ADDED a 2`. */
  take(): Promise<string[]>;
  /** Ends the watch. Rejects when the server ended it with an error. */
  stop(): Promise<void>;
}

/** Starts to collect what a watch reports. */
export function collect(client: Client, resource: Resource<ApiObject>, options: WatchOptions): Collector {
  const controller = new AbortController();
  let seen: string[] = [];
  const run = async (): Promise<void> => {
    for await (const batch of client.watch(resource, options, controller.signal))
      seen.push(...batch.map(describeEvent));
  };
  const done = run();
  // A failure before `stop` is told there.
  done.catch(() => undefined);
  return {
    async take() {
      await reactions();
      const taken = seen;
      seen = [];
      return taken;
    },
    async stop() {
      await reactions();
      controller.abort();
      await done;
    },
  };
}

/** Waits until everything that follows from what has happened has happened. */
export function reactions(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function describeEvent(event: WatchEvent<ApiObject>): string {
  if (event.type === "BOOKMARK") return `BOOKMARK ${event.resourceVersion}${event.initialEventsEnd ? " end" : ""}`;
  return `${event.type} ${event.object.metadata.name} ${event.object.metadata.resourceVersion}`;
}
