import { type ClientRequest, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type Socket } from "node:net";
import type { Clock } from "../../base/clock.ts";
import type { HttpProbe, ProbeOutcome } from "../../kubelet/prober.ts";
import { joinHostPort, renderRequestError } from "./network-error.ts";

/** Bytes read of an answer. Source: kubelet's HTTP prober. */
const maxBodyBytes = 10 * 1024;

const maxRedirects = 10;

/** What one request came to. */
type Exchange =
  | {
      readonly status: number;
      readonly location: string | undefined;
      readonly body: string;
      /** Why the body broke off. */
      readonly broken?: string;
    }
  | { readonly failure: string };

/** Makes one GET request, following redirects to the same host, all within the probe's time. */
export async function probeHttp(probe: HttpProbe, clock: Clock, signal?: AbortSignal): Promise<ProbeOutcome> {
  const first = probeUrl(probe);
  const deadlineMs = clock.monotonicMs() + probe.timeoutMs;
  let url = first;
  let headers = probe.headers;
  for (let redirects = 0; ; redirects += 1) {
    const exchange = await requestOnce(url, headers, { clock, remainingMs: deadlineMs - clock.monotonicMs() }, signal);
    if ("failure" in exchange) return { result: "failure", output: exchange.failure };
    const next = exchange.location === undefined ? undefined : resolveLocation(exchange.location, url);
    if (!isRedirect(exchange.status) || next === undefined || next.hostname !== first.hostname)
      return exchange.broken === undefined
        ? judge(exchange.status, exchange.body)
        : { result: "failure", output: exchange.broken, statusCode: exchange.status };
    if (redirects + 1 >= maxRedirects)
      return { result: "failure", output: `Get "${exchange.location}": stopped after ${maxRedirects} redirects` };
    // A Host of the probe's own is meant for this server: an absolute location names its own.
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(exchange.location ?? ""))
      headers = headers.filter(({ name }) => name.toLowerCase() !== "host");
    url = next;
  }
}

function judge(status: number, body: string): ProbeOutcome {
  if (status < 200 || status >= 400)
    return { result: "failure", output: `HTTP probe failed with statuscode: ${status}`, statusCode: status };
  if (status >= 300)
    return { result: "warning", output: `Probe terminated redirects, Response body: ${body}`, statusCode: status };
  return { result: "success", output: body, statusCode: status };
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

function resolveLocation(location: string, base: URL): URL | undefined {
  return URL.canParse(location, base.href) ? new URL(location, base) : undefined;
}

function probeUrl(probe: HttpProbe): URL {
  const origin = `${probe.scheme.toLowerCase()}://${joinHostPort(probe.host, probe.port)}`;
  const url = new URL(origin);
  const [beforeFragment = ""] = probe.path.split("#", 1);
  const question = beforeFragment.indexOf("?");
  url.pathname = question < 0 ? beforeFragment : beforeFragment.slice(0, question);
  url.search = question < 0 ? "" : beforeFragment.slice(question);
  return url;
}

function requestOnce(
  url: URL,
  headers: HttpProbe["headers"],
  time: { readonly clock: Clock; readonly remainingMs: number },
  signal?: AbortSignal,
): Promise<Exchange> {
  const isTls = url.protocol === "https:";
  const port = Number(url.port === "" ? (isTls ? 443 : 80) : url.port);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const attempt = { address: joinHostPort(host, port), isConnected: false, localAddress: "" };
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const request = openRequest(url, host, port, headers, isTls);
    const finish = (exchange: Exchange): void => {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
      request.destroy();
      resolve(exchange);
    };
    const fail = (reason: string): void => finish({ failure: `Get "${url.href}": ${reason}` });
    let answer: { readonly status: number; readonly location: string | undefined } | undefined;
    const timer = time.clock.setTimer(Math.max(0, time.remainingMs), () => {
      if (answer === undefined) fail("context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
      else
        finish({
          ...answer,
          body: "",
          broken: "context deadline exceeded (Client.Timeout or context cancellation while reading body)",
        });
    });
    const onAbort = (): void => {
      timer.cancel();
      request.destroy();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    request.once("socket", (socket: Socket) => {
      socket.once("connect", () => {
        attempt.isConnected = true;
        attempt.localAddress = joinHostPort(socket.localAddress ?? "", socket.localPort ?? 0);
      });
    });
    request.on("error", (error) => fail(renderRequestError({ ...attempt, error }, isTls)));
    request.once("response", (response) => {
      const head = { status: response.statusCode ?? 0, location: response.headers.location };
      answer = head;
      readBody(
        response,
        (body) => finish({ ...head, body }),
        () => finish({ ...head, body: "", broken: "unexpected EOF" }),
      );
    });
    request.end();
  });
}

function openRequest(
  url: URL,
  host: string,
  port: number,
  headers: HttpProbe["headers"],
  isTls: boolean,
): ClientRequest {
  const options: RequestOptions & { readonly rejectUnauthorized: boolean; readonly servername: string } = {
    method: "GET",
    host,
    port,
    path: url.pathname + url.search,
    agent: false,
    setHost: !headers.some(({ name }) => name.toLowerCase() === "host"),
    // Certificates are not checked: the kubelet's own rule.
    rejectUnauthorized: false,
    servername: isIP(host) === 0 ? host : "",
  };
  const request = isTls ? httpsRequest(options) : httpRequest(options);
  for (const { name, value } of headers) request.appendHeader(name, value);
  return request;
}

/** Reads at most `maxBodyBytes`. */
function readBody(response: IncomingMessage, done: (body: string) => void, broken: () => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const end = (): void => done(Buffer.concat(chunks).subarray(0, maxBodyBytes).toString("utf8"));
  response.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBodyBytes) end();
  });
  response.once("end", end);
  response.once("error", broken);
}
