import type { ContainerState } from "../../kubelet/runtime.ts";
import type { KnownTask } from "./state-events.ts";

/**
 * What is known of the node's sandboxes and containers beside what the runtime tells: who an id is, facts that never
 * change once they are there, and which containers the kernel killed for their memory.
 */
export interface TaskIndex {
  find(id: string): KnownTask | undefined;
  remember(id: string, task: KnownTask): void;
  forget(id: string): void;
  /** What has been remembered by now: taken before a list is asked for. */
  mark(): number;
  /** Forgets all of `kind` but these, as a complete list tells. What came after the mark may not be in it yet, and stays. */
  keepOnly(kind: KnownTask["kind"], ids: ReadonlySet<string>, mark: number): void;

  /** Addresses never change while a sandbox runs. */
  ips(sandboxId: string): readonly string[] | undefined;
  rememberIps(sandboxId: string, ips: readonly string[]): void;

  /** The last state seen of a container. It holds as long as the runtime lists the same state. */
  container(id: string): ContainerState | undefined;
  rememberContainer(state: ContainerState): void;

  /** The agent itself is about to kill the container: a kill is no surprise. */
  expectKill(id: string): void;
  isKillExpected(id: string): boolean;

  markOomKilled(id: string): void;
  isOomKilled(id: string): boolean;
}

interface Entry {
  readonly task: KnownTask;
  readonly order: number;
  ips?: readonly string[];
  container?: ContainerState;
  killExpected: boolean;
  oomKilled: boolean;
}

/** Creates an empty index. It holds as many entries as the node has containers and sandboxes. */
export function createTaskIndex(): TaskIndex {
  const entries = new Map<string, Entry>();
  /** Kills of containers that nobody has told us of yet, with when we heard. Those that no list explains are dropped. */
  const early = new Map<string, number>();
  let order = 0;
  const change = (id: string, edit: (entry: Entry) => void): void => {
    const entry = entries.get(id);
    if (entry !== undefined) edit(entry);
  };
  return {
    find: (id) => entries.get(id)?.task,
    remember(id, task) {
      if (entries.has(id)) return;
      order += 1;
      entries.set(id, { task, order, killExpected: false, oomKilled: early.delete(id) });
    },
    forget: (id) => entries.delete(id),
    mark: () => order,
    keepOnly(kind, ids, mark) {
      for (const [id, entry] of entries)
        if (entry.task.kind === kind && entry.order <= mark && !ids.has(id)) entries.delete(id);
      for (const [id, heard] of early) if (kind === "container" && heard <= mark) early.delete(id);
    },
    ips: (id) => entries.get(id)?.ips,
    rememberIps: (id, ips) => change(id, (entry) => (entry.ips = ips)),
    container: (id) => entries.get(id)?.container,
    rememberContainer: (state) => change(state.id, (entry) => (entry.container = state)),
    expectKill: (id) => change(id, (entry) => (entry.killExpected = true)),
    isKillExpected: (id) => entries.get(id)?.killExpected ?? false,
    markOomKilled(id) {
      if (entries.has(id)) change(id, (entry) => (entry.oomKilled = true));
      else {
        order += 1;
        early.set(id, order);
      }
    },
    isOomKilled: (id) => entries.get(id)?.oomKilled ?? false,
  };
}
