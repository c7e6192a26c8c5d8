/** Why a container cannot be started; shown as the waiting reason and message of its status. */
export class StartError extends Error {
  override readonly name = "StartError";
  /** For example `ErrImagePull`. */
  readonly reason: string;
  /** Not worth another attempt before this; undefined: after the usual pause. */
  readonly retryAtMs: number | undefined;

  constructor(reason: string, message: string, options: ErrorOptions & { readonly retryAtMs?: number } = {}) {
    super(message, options);
    this.reason = reason;
    this.retryAtMs = options.retryAtMs;
  }
}
