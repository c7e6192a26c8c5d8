/**
 * Failures of the network in the words that Go's standard library has for them: users read them in the events of
 * probes, and their scripts look for them. Source: net/http and net of Go 1.26, observed.
 */

/** What is known of an attempt when it fails. */
export interface FailedAttempt {
  readonly error: NodeJS.ErrnoException;
  /** `10.0.0.1:80`, `[fd00::1]:80`. */
  readonly address: string;
  readonly isConnected: boolean;
  /** Of the own end, when connected. */
  readonly localAddress?: string;
}

/** Why a connection could not be made: `dial tcp 10.0.0.1:80: connect: connection refused`. */
export function renderDialError({ error, address }: FailedAttempt): string {
  if (error.syscall === "getaddrinfo") return `dial tcp: lookup ${hostOf(address)}: ${lookupReason(error.code)}`;
  return `dial tcp ${address}: connect: ${errnoWords[error.code ?? ""] ?? error.message}`;
}

/** Why a request had no answer. */
export function renderRequestError(attempt: FailedAttempt, isTls: boolean): string {
  const { error, address, isConnected, localAddress } = attempt;
  if (!isConnected) return renderDialError(attempt);
  if (error.message === "socket hang up") return "EOF";
  if (isTls && error.message.includes("wrong version number")) return "http: server gave HTTP response to HTTPS client";
  // Ending before the handshake is through is told as a reset, without a system call having failed.
  if (error.code === "ECONNRESET" && error.syscall === undefined) return "EOF";
  const words = errnoWords[error.code ?? ""];
  if (words !== undefined) return `read tcp ${localAddress ?? ""}->${address}: read: ${words}`;
  if (error.code?.startsWith("HPE_") === true)
    return `net/http: HTTP/1.x transport connection broken: malformed HTTP response "${firstLine(error)}"`;
  return error.message;
}

/** Host and port as Go joins them. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(":")).replace(/^\[|\]$/g, "");
}

function lookupReason(code: string | undefined): string {
  return code === "ENOTFOUND" ? "no such host" : "server misbehaving";
}

function firstLine(error: NodeJS.ErrnoException & { rawPacket?: Buffer }): string {
  return error.rawPacket?.toString("latin1").split(/\r?\n/, 1)[0] ?? "";
}

const errnoWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "connection timed out",
  EPIPE: "broken pipe",
  EACCES: "permission denied",
  EADDRNOTAVAIL: "cannot assign requested address",
  EINVAL: "invalid argument",
};
