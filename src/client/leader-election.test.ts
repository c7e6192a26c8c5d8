import { scheduler } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { events as eventResource, leases } from "../api/resources.ts";
import { aborted } from "../base/abort.ts";
import { silentLogger } from "../base/log.ts";
import { createSeededRandom } from "../base/random.ts";
import { createVirtualClock, type VirtualClock } from "../base/virtual-clock.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import type { Client } from "./client.ts";
import { createEventRecorder } from "./event-recorder.ts";
import { leadWhenElected } from "./leader-election.ts";

const key = { namespace: "default", name: "work" };

let clock: VirtualClock;
let server: TestServer;
let leaders: string[];
let mostAtOnce: number;

beforeEach(async () => {
  clock = createVirtualClock(undefined, () => scheduler.yield());
  server = await startTestServer({ clock });
  leaders = [];
  mostAtOnce = 0;
});
afterEach(() => server.stop());

/** A candidate that works until its term ends, and how to cut it off from the server. */
const stand = (identity: string, work: (signal: AbortSignal) => Promise<void> = aborted) => {
  const stop = new AbortController();
  let isCut = false;
  const reach = <T>(operation: () => Promise<T>): Promise<T> =>
    isCut ? Promise.reject(new Error("cut off")) : operation();
  const client: Client = {
    ...server.client,
    get: (...parameters) => reach(() => server.client.get(...parameters)),
    update: (...parameters) => reach(() => server.client.update(...parameters)),
  };
  const context = { client, clock, random: createSeededRandom(identity.length), logger: silentLogger };
  const events = createEventRecorder({ ...context, source: { component: "test" } }, stop.signal);
  const lead = async (signal: AbortSignal): Promise<void> => {
    leaders.push(identity);
    mostAtOnce = Math.max(mostAtOnce, leaders.length);
    try {
      await work(signal);
    } finally {
      leaders.splice(leaders.indexOf(identity), 1);
    }
  };
  const ended = leadWhenElected({ ...context, events, lease: key, identity }, lead, stop.signal);
  return {
    ended,
    stop: () => stop.abort(),
    cut: (isOff: boolean) => {
      isCut = isOff;
    },
  };
};

describe("leadWhenElected", () => {
  it("lets one of several lead, who renews the lease", async () => {
    const all = ["a", "bb", "ccc"].map((identity) => stand(identity));
    await clock.advance(1_000);
    expect(leaders.length).toBe(1);
    const [leader] = leaders;
    const first = await server.client.get(leases, key);
    expect(first.spec).toEqual({
      holderIdentity: leader,
      leaseDurationSeconds: 15,
      acquireTime: "2026-01-01T00:00:00.000000Z",
      renewTime: "2026-01-01T00:00:00.000000Z",
      leaseTransitions: 0,
    });
    await clock.advance(120_000);
    expect([leaders, mostAtOnce]).toEqual([[leader], 1]);
    const { spec } = await server.client.get(leases, key);
    expect([spec.acquireTime, spec.leaseTransitions]).toEqual([first.spec.acquireTime, 0]);
    expect(Date.parse(spec.renewTime ?? "")).toBeGreaterThan(clock.nowMs() - 3_000);
    for (const candidate of all) candidate.stop();
    await clock.advance(0);
    await Promise.all(all.map(({ ended }) => ended));
  });

  it("gives the lease back at the end, so that the next one leads soon", async () => {
    const [a, bb] = [stand("a"), stand("bb")];
    await clock.advance(1_000);
    expect(leaders).toEqual(["a"]);
    a.stop();
    await clock.advance(5_000);
    expect(leaders).toEqual(["bb"]);
    expect((await server.client.get(leases, key)).spec.leaseTransitions).toBe(1);
    const { items } = await server.client.list(eventResource);
    expect(items.map(({ reason, message }) => `${reason}: ${message}`)).toContain("LeaderElection: a became leader");
    bb.stop();
    await Promise.all([clock.advance(0), a.ended, bb.ended]);
  });

  it("makes a leader that is cut off step down before another takes its place, and lets it stand again", async () => {
    const [a, bb] = [stand("a"), stand("bb")];
    await clock.advance(1_000);
    a.cut(true);
    await clock.advance(13_000);
    expect(leaders).toEqual([]);
    await clock.advance(10_000);
    expect([leaders, mostAtOnce]).toEqual([["bb"], 1]);
    a.cut(false);
    bb.stop();
    await clock.advance(5_000);
    expect(leaders).toEqual(["a"]);
    a.stop();
    await Promise.all([clock.advance(0), a.ended, bb.ended]);
  });

  it("waits for a lease that lasts by this clock, whatever another clock has written", async () => {
    const spec = { holderIdentity: "gone", leaseDurationSeconds: 15, renewTime: "2020-01-01T00:00:00.000000Z" };
    await server.client.create(leases, { metadata: key, spec });
    const a = stand("a");
    await clock.advance(14_000);
    expect(leaders).toEqual([]);
    await clock.advance(6_000);
    expect(leaders).toEqual(["a"]);
    a.stop();
    await Promise.all([clock.advance(0), a.ended]);
  });

  it("ends with its work", async () => {
    const a = stand("a", async () => undefined);
    await Promise.all([clock.advance(5_000), a.ended]);
    expect((await server.client.get(leases, key)).spec.holderIdentity).toBeUndefined();
    const failing = stand("b", () => Promise.reject(new Error("broken")));
    await Promise.all([clock.advance(5_000), expect(failing.ended).rejects.toThrow("broken")]);
  });
});
