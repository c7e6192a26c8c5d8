import { describe, expect, test } from "vitest";
import type { Event as CoreEvent } from "../../api/types/core-v1.ts";
import type { Event } from "../../api/types/events-v1.ts";
import { eventV1Definition } from "./events-v1-definition.ts";

const same = {
  kind: "Event",
  metadata: {
    name: "web.17a",
    namespace: "default",
    uid: "u",
    resourceVersion: "7",
    creationTimestamp: "2026-01-02T03:04:05Z",
  },
  eventTime: "2026-01-02T03:04:05.123456Z",
  action: "Binding",
  reason: "Scheduled",
  related: { kind: "Node", name: "n" },
  type: "Normal",
} as const;

const full: Event = {
  ...same,
  apiVersion: "events.k8s.io/v1",
  series: { count: 3, lastObservedTime: "2026-01-02T03:04:06.000000Z" },
  reportingController: "default-scheduler",
  reportingInstance: "host-0",
  regarding: { kind: "Pod", namespace: "default", name: "web" },
  note: "assigned",
  deprecatedSource: { component: "scheduler", host: "host" },
  deprecatedFirstTimestamp: "2026-01-02T03:04:05Z",
  deprecatedLastTimestamp: "2026-01-02T03:04:06Z",
  deprecatedCount: 2,
};

const fullCore: CoreEvent = {
  ...same,
  apiVersion: "v1",
  involvedObject: { kind: "Pod", namespace: "default", name: "web" },
  message: "assigned",
  source: { component: "scheduler", host: "host" },
  firstTimestamp: "2026-01-02T03:04:05Z",
  lastTimestamp: "2026-01-02T03:04:06Z",
  count: 2,
  series: { count: 3, lastObservedTime: "2026-01-02T03:04:06.000000Z" },
  reportingComponent: "default-scheduler",
  reportingInstance: "host-0",
};

/** Of an old client: no reporter, no series, no moment of its own. */
const oldCore: CoreEvent = {
  kind: "Event",
  apiVersion: "v1",
  metadata: same.metadata,
  involvedObject: {},
  source: {},
  firstTimestamp: "2026-01-02T03:04:05Z",
  lastTimestamp: null,
  eventTime: null,
  reportingComponent: "",
  reportingInstance: "",
};

const { toStored, fromStored } = eventV1Definition.conversion ?? {};

describe("an event of events.k8s.io/v1", () => {
  test("is stored as an event of the core group, with nothing lost", () => {
    expect(toStored?.(full)).toEqual(fullCore);
  });

  test("comes back as it was", () => {
    expect(fromStored?.(fullCore)).toEqual(full);
  });
});

describe("an event of the core group in events.k8s.io/v1", () => {
  test("leaves out what it does not have", () => {
    expect(fromStored?.(oldCore)).toEqual({
      kind: "Event",
      apiVersion: "events.k8s.io/v1",
      metadata: same.metadata,
      eventTime: null,
      regarding: {},
      deprecatedSource: {},
      deprecatedFirstTimestamp: "2026-01-02T03:04:05Z",
      deprecatedLastTimestamp: null,
    });
  });

  test("comes back as it was", () => {
    expect(toStored?.(fromStored?.(oldCore) as Event)).toEqual(oldCore);
  });

  test.each([
    { name: "without a count counts none", series: { lastObservedTime: null }, count: 0 },
    { name: "with a count keeps it", series: { count: 5, lastObservedTime: null }, count: 5 },
  ])("and a series $name", ({ series, count }) => {
    expect(fromStored?.({ ...oldCore, series })).toMatchObject({ series: { count, lastObservedTime: null } });
  });
});
