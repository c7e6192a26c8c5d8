/** A one-place mailbox: the newest message replaces one that has not been read yet. */
export interface Mailbox<T> {
  /** Leaves a message; replaces an unread one unless `keep(unread, incoming)` says otherwise. */
  put(message: T): void;
  /**
   * Waits for a message and takes it out. One reader at a time.
   * @throws the signal's reason when it is aborted first
   */
  take(signal: AbortSignal): Promise<T>;
  /** Takes the message out if there is one. */
  poll(): T | undefined;
}

/**
 * Creates an empty mailbox.
 * @param merge decides what stays when a message arrives while another is unread; default: the newer one
 */
export function createMailbox<T>(merge: (unread: T, incoming: T) => T = (_unread, incoming) => incoming): Mailbox<T> {
  let message: { readonly value: T } | undefined;
  let wake: (() => void) | undefined;
  const poll = (): T | undefined => {
    const taken = message?.value;
    message = undefined;
    return taken;
  };
  return {
    put(value) {
      message = { value: message === undefined ? value : merge(message.value, value) };
      wake?.();
    },
    poll,
    take(signal) {
      return new Promise((resolve, reject) => {
        const finish = (): void => {
          wake = undefined;
          signal.removeEventListener("abort", onAbort);
          resolve(poll() as T);
        };
        const onAbort = (): void => {
          wake = undefined;
          reject(signal.reason);
        };
        if (signal.aborted) reject(signal.reason);
        else if (message !== undefined) resolve(poll() as T);
        else {
          wake = finish;
          signal.addEventListener("abort", onAbort, { once: true });
        }
      });
    },
  };
}
