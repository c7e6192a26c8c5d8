/** What a reconcile asks for next. */
export interface ReconcileResult {
  /** Look at the key again after this time, though nothing may have changed. */
  readonly requeueAfterMs?: number;
  /** Look at the key again with growing delay, without calling it a failure. */
  readonly retry?: boolean;
}

/** Nothing more to do until something changes. */
export const done: ReconcileResult = {};

/**
 * Brings one object from its current to its desired state. It gets a name, never an event: whatever happened, it
 * looks at what is there now. A thrown error puts the key back with growing delay.
 */
export interface Reconciler {
  reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult>;
}
