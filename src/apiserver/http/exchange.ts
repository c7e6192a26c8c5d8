import type { Credentials } from "../authentication.ts";

/** One HTTP request and the way to answer it, whatever version of the protocol it came by. */
export interface HttpExchange {
  /** In capitals. */
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** A request header by its lower-case name; values that came apart are joined by commas. */
  header(name: string): string | undefined;
  /** The request headers whose names begin so, with their values; names in lower case. */
  headers(prefix: string): Iterable<readonly [name: string, values: readonly string[]]>;
  /** The client certificate of the connection. */
  readonly certificate: Pick<Credentials, "certificate" | "badCertificate">;
  /** Address of the client, for the log. */
  readonly remoteAddress: string;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /**
   * Reads the whole body.
   * @throws {StatusError} RequestEntityTooLarge over `maxBytes`; the signal's reason when the client goes away
   */
  readBody(maxBytes: number): Promise<Uint8Array>;
  /** The headers of an answer have been sent. */
  readonly isAnswered: boolean;
  /**
   * Sends a whole answer, its body in parts. For HEAD the body is left out. A long body is compressed when the client
   * accepts that.
   */
  send(status: number, headers: ResponseHeaders, body: readonly Uint8Array[]): void;
  /**
   * Begins an answer that is sent in parts.
   * @param compress the body is long: compress it when the client accepts that
   */
  open(status: number, headers: ResponseHeaders, compress?: boolean): ResponseStream;
  /**
   * Set for a request to switch protocols: hands over the connection (a Node `Duplex`) and the bytes already read from
   * it. Whoever takes it answers by itself.
   */
  readonly takeConnection?: () => { readonly connection: unknown; readonly head: Uint8Array };
}

/** Lower-case names. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

/** The body of an answer while it is being sent. */
export interface ResponseStream {
  /** Sends bytes. False when more than is good waits to be sent: go on when `onDrain` calls. */
  write(bytes: Uint8Array): boolean;
  /** Calls back once what waited has been sent. */
  onDrain(resume: () => void): void;
  end(): void;
  /** Cuts the answer off, so that the client knows that it is not whole. */
  abort(): void;
}
