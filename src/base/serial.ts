/** Runs tasks of one key one after another, in the order they came; tasks of different keys run side by side. */
export interface SerialByKey {
  /** Resolves or rejects with the task's own result. A failed task does not stop those behind it. */
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
  /** Keys with a task running or waiting. */
  readonly busyKeys: number;
}

/** Creates a runner without tasks. */
export function createSerialByKey(): SerialByKey {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, task) {
      const before = tails.get(key);
      const result = before === undefined ? task() : before.then(task, task);
      tails.set(key, result);
      const release = (): void => {
        if (tails.get(key) === result) tails.delete(key);
      };
      result.then(release, release);
      return result;
    },
    get busyKeys() {
      return tails.size;
    },
  };
}
