import { describe, expect, test } from "vitest";
import { silentLogger } from "../base/log.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import { createMemoryStore } from "../storage/memory-store.ts";
import { keepStoreCompact } from "./store-compaction.ts";

const minuteMs = 60_000;

describe("a store that is kept compact", () => {
  test("forgets what was superseded before the last five minutes, and nothing newer", async () => {
    const clock = createVirtualClock();
    const store = createMemoryStore({ clock });
    const write = (): Promise<unknown> => store.commit([{ key: "/registry/a", encode: () => new Uint8Array(1) }]);
    const controller = new AbortController();
    const ended = keepStoreCompact({ store, clock, logger: silentLogger }, controller.signal);
    const seen: number[] = [];
    for (let minute = 0; minute < 12; minute += 1) {
      await write();
      await clock.advance(minuteMs);
      seen.push(store.compactedRevision);
    }
    // Written at minutes 0 to 11 as revisions 1 to 12; what stood at minute 5 is revision 5.
    expect(seen).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 5]);
    controller.abort();
    await ended;
    await store.close();
  });
});
