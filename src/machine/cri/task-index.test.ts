import { describe, expect, it } from "vitest";
import type { KnownTask } from "./state-events.ts";
import { createTaskIndex } from "./task-index.ts";

const task: KnownTask = { kind: "container", sandboxId: "s", podUid: "u" };

describe("the index of tasks", () => {
  it("forgets what a complete list does not have, but not what came after the list was asked for", () => {
    const index = createTaskIndex();
    index.remember("old", task);
    index.remember("listed", task);
    index.remember("sandbox", { ...task, kind: "sandbox" });
    const mark = index.mark();
    index.remember("new", task);
    index.keepOnly("container", new Set(["listed"]), mark);
    expect(["old", "listed", "sandbox", "new"].map((id) => index.find(id) !== undefined)).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it("remembers a kill of a container that it hears of only later", () => {
    const index = createTaskIndex();
    const mark = index.mark();
    index.markOomKilled("early");
    index.keepOnly("container", new Set(), mark);
    index.remember("early", task);
    index.remember("other", task);
    expect([index.isOomKilled("early"), index.isOomKilled("other")]).toEqual([true, false]);
  });

  it("drops a kill that no list explains", () => {
    const index = createTaskIndex();
    index.markOomKilled("ghost");
    index.keepOnly("container", new Set(), index.mark());
    index.remember("ghost", task);
    expect(index.isOomKilled("ghost")).toBe(false);
  });

  it("does not lose what it knows when something is remembered twice", () => {
    const index = createTaskIndex();
    index.remember("c", task);
    index.expectKill("c");
    index.remember("c", { ...task, podUid: undefined });
    expect([index.isKillExpected("c"), index.find("c")]).toEqual([true, task]);
  });
});
