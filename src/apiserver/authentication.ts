import type { UserInfo } from "../api/user.ts";

/** What a connection and a request bring along to prove who is calling. */
export interface Credentials {
  /** The client certificate of the connection, when it was given one that a trusted authority signed for clients. */
  readonly certificate?: ClientCertificate;
  /** The connection was given a client certificate that is not to be trusted: why, for the log. */
  readonly badCertificate?: string;
  /** The token of `Authorization: Bearer`, also when it came as a WebSocket sub-protocol. */
  readonly bearerToken?: string;
}

/** Whom a verified client certificate names. */
export interface ClientCertificate {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** The subject's attribute 1.3.6.1.4.1.57683.2. */
  readonly uid?: string;
  /** SHA-256 of the certificate as lower-case hex digits, which audit knows the credential by. */
  readonly fingerprint?: string;
}

/** Finds out who is calling. */
export interface Authenticator {
  /**
   * @returns the user, or undefined when the credentials say nothing to this authenticator
   * @throws {StatusError} Unauthorized when they are meant for it and wrong
   */
  authenticate(credentials: Credentials, signal?: AbortSignal): Promise<UserInfo | undefined>;
}
