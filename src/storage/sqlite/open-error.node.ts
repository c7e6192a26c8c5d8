/** Why a store cannot be opened. */
export type StoreOpenReason =
  /** Another process has it open. */
  | "in-use"
  /** A newer version of this program has written it. */
  | "newer-version"
  /** The file holds something else. */
  | "not-a-store"
  /** The file is damaged. */
  | "damaged"
  /** The disk refuses: no space, no permission, an I/O error. */
  | "disk";

/** A store cannot be opened. The message is one sentence for whoever started the program. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";
  readonly reason: StoreOpenReason;

  constructor(reason: StoreOpenReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** SQLite's primary result codes that mean more than a disk that refuses. Source: https://www.sqlite.org/rescode.html */
const reasons: Readonly<Record<number, { readonly reason: StoreOpenReason; readonly text: string }>> = {
  5: { reason: "in-use", text: "is in use by another process" },
  6: { reason: "in-use", text: "is in use by another process" },
  11: { reason: "damaged", text: "is damaged" },
  26: { reason: "not-a-store", text: "is not a store of k8ts" },
};

/** Says in words of ours why SQLite could not open a file. */
export function explainOpenFailure(error: unknown, path: string): StoreOpenError {
  const { errcode, message } = error as { readonly errcode?: number; readonly message: string };
  const known = reasons[(errcode ?? 0) & 0xff];
  if (known === undefined) return new StoreOpenError("disk", `${path} cannot be opened: ${message}`, { cause: error });
  return new StoreOpenError(known.reason, `${path} ${known.text}`, { cause: error });
}
