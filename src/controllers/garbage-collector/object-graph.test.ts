import { describe, expect, it } from "vitest";
import type { OwnerReference } from "../../api/types/meta-v1.ts";
import { createObjectGraph, type ObjectIdentity } from "./object-graph.ts";

interface Options {
  namespace?: string | undefined;
  owners?: readonly OwnerReference[];
  finalizers?: readonly string[];
  deleted?: boolean;
}

const refer = (name: string, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  name,
  uid: name,
  ...more,
});
const identity = (name: string, more: Partial<ObjectIdentity> = {}): ObjectIdentity => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: "ns",
  name,
  uid: name,
  ...more,
});

function setUp() {
  const calls: string[] = [];
  const graph = createObjectGraph({
    check: (uid) => calls.push(`check ${uid}`),
    checkLater: (uid) => calls.push(`later ${uid}`),
    orphan: (uid) => calls.push(`orphan ${uid}`),
    reportForeignOwner: ({ identity }, { uid }) => calls.push(`foreign ${identity.uid} of ${uid}`),
  });
  const see = (name: string, options: Options = {}): void =>
    graph.seen(
      {
        metadata: {
          name,
          uid: name,
          resourceVersion: "1",
          creationTimestamp: "2026-01-01T00:00:00Z",
          ...("namespace" in options
            ? options.namespace === undefined
              ? {}
              : { namespace: options.namespace }
            : { namespace: "ns" }),
          ...(options.owners === undefined ? {} : { ownerReferences: options.owners }),
          ...(options.finalizers === undefined ? {} : { finalizers: options.finalizers }),
          ...(options.deleted === true ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
        },
      },
      "v1",
      "ConfigMap",
    );
  const taken = (): string[] => calls.splice(0);
  return { graph, see, taken };
}

describe("object graph", () => {
  it("asks after an owner that nobody has seen, and is content when it turns up", () => {
    const { graph, see, taken } = setUp();
    see("child", { owners: [refer("owner")] });
    expect([taken(), graph.node("owner")?.isVirtual]).toEqual([["check owner"], true]);
    see("owner");
    expect([taken(), graph.node("owner")?.isVirtual]).toEqual([[], false]);
  });

  it("asks after dependants of what is gone, and remembers that it is", () => {
    const { graph, see, taken } = setUp();
    see("owner");
    see("child", { owners: [refer("owner")] });
    graph.gone("owner");
    expect([taken(), graph.isKnownAbsent(identity("owner")), graph.isKnownAbsent(identity("child"))]).toEqual([
      ["check child"],
      true,
      false,
    ]);
  });

  it("asks after an owner in foreground deletion when a dependant that blocks it goes, lets go or unblocks", () => {
    const { graph, see, taken } = setUp();
    see("owner");
    const blocking = [refer("owner", { blockOwnerDeletion: true })];
    for (const name of ["goes", "lets-go", "unblocks"]) see(name, { owners: blocking });
    see("owner", { deleted: true, finalizers: ["foregroundDeletion"] });
    expect(taken()).toEqual(["check goes", "check lets-go", "check unblocks", "check owner"]);
    graph.gone("goes");
    see("lets-go", { owners: [] });
    see("unblocks", { owners: [refer("owner", { blockOwnerDeletion: false })] });
    expect(taken()).toEqual(["check owner", "check owner", "check owner"]);
  });

  it("begins orphaning and foreground deletion once each", () => {
    const { see, taken } = setUp();
    see("a", { deleted: true, finalizers: ["orphan"] });
    see("a", { deleted: true, finalizers: ["orphan"] });
    see("b", { deleted: true, finalizers: ["foregroundDeletion"] });
    see("b", { deleted: true, finalizers: ["foregroundDeletion"] });
    see("c", { finalizers: ["orphan"] });
    expect(taken()).toEqual(["orphan a", "check b"]);
  });

  it.each([
    { name: "the owner is seen first", order: ["owner", "child"] },
    { name: "the dependant is seen first", order: ["child", "owner"] },
  ])("reports a reference into another namespace: $name", ({ order }) => {
    const { see, taken } = setUp();
    for (const name of order) see(name, name === "owner" ? { namespace: "elsewhere" } : { owners: [refer("owner")] });
    const calls = taken();
    expect(calls).toContain("foreign child of owner");
    expect(calls).toContain("check child");
  });

  it("has a dependant checked whose reference names its owner wrongly", () => {
    const { see, taken } = setUp();
    see("owner");
    see("child", { owners: [refer("owner", { name: "misspelt" })] });
    expect(taken()).toEqual(["check child"]);
  });

  it("tries one reading after the other where references disagree on an owner that nobody has seen", () => {
    const { graph, see, taken } = setUp();
    see("right", { owners: [refer("owner")] });
    see("wrong", { owners: [refer("owner", { kind: "Secret" })] });
    expect(taken()).toEqual(["check owner", "check wrong"]);
    graph.absent(identity("owner"));
    expect([taken(), graph.node("owner")?.identity]).toEqual([
      ["check right", "later owner"],
      identity("owner", { kind: "Secret" }),
    ]);
    graph.absent(identity("owner", { kind: "Secret" }));
    expect(taken()).toEqual(["check wrong", "later owner"]);
  });

  it("does not let a mistaken look-up remove an object that has been seen", () => {
    const { graph, see, taken } = setUp();
    see("owner");
    see("child", { owners: [refer("owner", { name: "misspelt" })] });
    taken();
    graph.absent(identity("owner", { name: "misspelt" }));
    expect([taken(), graph.node("owner") !== undefined]).toEqual([["check child"], true]);
  });

  it("forgets an owner that does not exist together with its last reference", () => {
    const { graph, see } = setUp();
    see("child", { owners: [refer("owner")] });
    graph.absent(identity("owner"));
    expect(graph.node("owner")).toBeUndefined();
  });
});
