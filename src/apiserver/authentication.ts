import type { UserInfo } from "../api/user.ts";

/** What a connection and a request bring along to prove who is calling. */
export interface Credentials {
  /** The verified client certificate's subject: common name and organisations. */
  readonly certificate?: {
    readonly commonName: string;
    readonly organizations: readonly string[];
    readonly uid?: string;
  };
  /** The token of `Authorization: Bearer`, also when it came as a WebSocket sub-protocol. */
  readonly bearerToken?: string;
}

/** Finds out who is calling. */
export interface Authenticator {
  /**
   * @returns the user, or undefined when the credentials say nothing to this authenticator
   * @throws {StatusError} Unauthorized when they are meant for it and wrong
   */
  authenticate(credentials: Credentials, signal?: AbortSignal): Promise<UserInfo | undefined>;
}
