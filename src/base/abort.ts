/** Why work was given up on purpose: not an error to report. */
export class AbortError extends Error {
  override readonly name = "AbortError";
}

/** A controller that is aborted when `parent` is, and can be aborted alone. Call `dispose` when it is no longer needed. */
export function childController(parent: AbortSignal): AbortController & { dispose(): void } {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(parent.reason);
  if (parent.aborted) onAbort();
  else parent.addEventListener("abort", onAbort, { once: true });
  return Object.assign(controller, { dispose: () => parent.removeEventListener("abort", onAbort) });
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
