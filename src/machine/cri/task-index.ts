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
  /** Forgets all of `kind` but these: called with each complete list. */
  keepOnly(kind: KnownTask["kind"], ids: ReadonlySet<string>): void;

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
  ips?: readonly string[];
  container?: ContainerState;
  killExpected: boolean;
  oomKilled: boolean;
}

/** Creates an empty index. It holds as many entries as the node has containers and sandboxes. */
export function createTaskIndex(): TaskIndex {
  const entries = new Map<string, Entry>();
  /** News about containers that nobody has told us of yet. Emptied with each complete list. */
  const early = new Set<string>();
  const change = (id: string, edit: (entry: Entry) => void): void => {
    const entry = entries.get(id);
    if (entry !== undefined) edit(entry);
  };
  return {
    find: (id) => entries.get(id)?.task,
    remember(id, task) {
      if (entries.has(id)) return;
      entries.set(id, { task, killExpected: false, oomKilled: early.delete(id) });
    },
    forget: (id) => entries.delete(id),
    keepOnly(kind, ids) {
      for (const [id, entry] of entries) if (entry.task.kind === kind && !ids.has(id)) entries.delete(id);
      if (kind === "container") early.clear();
    },
    ips: (id) => entries.get(id)?.ips,
    rememberIps: (id, ips) => change(id, (entry) => (entry.ips = ips)),
    container: (id) => entries.get(id)?.container,
    rememberContainer: (state) => change(state.id, (entry) => (entry.container = state)),
    expectKill: (id) => change(id, (entry) => (entry.killExpected = true)),
    isKillExpected: (id) => entries.get(id)?.killExpected ?? false,
    markOomKilled(id) {
      if (entries.has(id)) change(id, (entry) => (entry.oomKilled = true));
      else early.add(id);
    },
    isOomKilled: (id) => entries.get(id)?.oomKilled ?? false,
  };
}
