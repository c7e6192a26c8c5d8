/** How many actions went well, and the first failure. */
export interface SlowStartResult {
  readonly succeeded: number;
  readonly error?: unknown;
}

/**
 * Does something `count` times, in batches of 1, 2, 4 ... side by side, and stops after a batch with a failure: when
 * all would fail for one reason, such as a quota, few are tried. Source: upstream's slowStartBatch.
 */
export async function slowStart(
  count: number,
  action: (index: number) => Promise<unknown>,
  initialBatch = 1,
): Promise<SlowStartResult> {
  let succeeded = 0;
  let started = 0;
  for (let batch = Math.min(count, initialBatch); batch > 0; batch = Math.min(2 * batch, count - started)) {
    const first = started;
    const results = await Promise.allSettled(
      Array.from({ length: batch }, (_unused, offset) => action(first + offset)),
    );
    started += batch;
    const failures = results.filter((result) => result.status === "rejected");
    succeeded += batch - failures.length;
    const [failure] = failures;
    if (failure !== undefined) return { succeeded, error: failure.reason };
  }
  return { succeeded };
}
