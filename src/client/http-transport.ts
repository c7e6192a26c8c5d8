/** Names in lower case. Several values are sent as several headers. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[]>>;

/** One request to an API server, relative to its address. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path with query: `/api/v1/pods?limit=500`. */
  readonly path: string;
  readonly headers?: HttpHeaders;
  readonly body?: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  /** @param name in lower case */
  header(name: string): string | undefined;
  /** As it comes; whoever does not read it to its end cancels it. Fails when the connection breaks or the signal is aborted. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Carries requests to one API server, as one user. Connections that break are made anew for the next request.
 */
export interface HttpTransport {
  /**
   * Sends a request and answers as soon as the answer begins.
   * @throws {ConnectionError} when there is no answer
   * @throws the signal's reason when it is aborted
   */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>;
  /** Requests from now on use a new connection, with the keys that there are then. */
  renew(): void;
  /** Cuts the connections and takes no more requests. */
  close(): void;
}

/** No answer came: the server cannot be reached, is not trusted or went away. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  /** The platform's name for what happened: `ECONNREFUSED`. */
  readonly code: string | undefined;
  /** The server has not begun to work on the request: it may be sent again, whatever it asks for. */
  readonly isUntouched: boolean;

  constructor(
    message: string,
    options: ErrorOptions & { readonly code?: string; readonly isUntouched?: boolean } = {},
  ) {
    super(message, options);
    this.code = options.code;
    this.isUntouched = options.isUntouched ?? false;
  }
}

/** Most bytes of an answer that is read as a whole: more than the largest list that a server hands out at once. */
const maxBodyBytes = 1024 * 1024 * 1024;

/**
 * Reads an answer to its end.
 * @throws {ConnectionError} when it breaks off or is too long
 */
export async function readBody({ body }: HttpResponse): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBodyBytes) throw new ConnectionError(`the answer is longer than ${maxBodyBytes} bytes`);
  }
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
