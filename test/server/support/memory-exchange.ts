import { requestTooLarge } from "../../../src/api/status-error.ts";
import type { HttpExchange, ResponseHeaders } from "../../../src/apiserver/http/exchange.ts";

/** A request that comes over no wire, so that it can be watched in virtual time and slowed down at will. */
export interface MemoryExchange extends HttpExchange {
  readonly answered: {
    code: number;
    headers: ResponseHeaders;
    text: string;
    isEnded: boolean;
    isCut: boolean;
  };
  /** From now on the client reads nothing. */
  stall(): void;
  /** The client reads what waits, and whatever comes. */
  drain(): void;
  /** The client goes away. */
  leave(): void;
}

/** Makes a request without a wire. */
export function createMemoryExchange(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  body: string | Promise<string> = "",
): MemoryExchange {
  const controller = new AbortController();
  const decoder = new TextDecoder();
  const answered = { code: 0, headers: {}, text: "", isEnded: false, isCut: false };
  let isStalled = false;
  let onDrain: (() => void)[] = [];
  const begin = (code: number, answer: ResponseHeaders): void => {
    answered.code = code;
    answered.headers = answer;
  };
  return {
    method,
    target,
    header: (name) => headers[name],
    headers: (prefix) =>
      Object.entries(headers)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, value]) => [name, [value]]),
    certificate: {},
    remoteAddress: "192.0.2.1",
    signal: controller.signal,
    async readBody(maxBytes) {
      const bytes = new TextEncoder().encode(await body);
      if (bytes.length > maxBytes) throw requestTooLarge(`limit is ${maxBytes}`);
      return bytes;
    },
    get isAnswered() {
      return answered.code !== 0;
    },
    send(code, answer, parts) {
      begin(code, answer);
      for (const part of parts) answered.text += decoder.decode(part);
      answered.isEnded = true;
    },
    open(code, answer) {
      begin(code, answer);
      return {
        write(bytes) {
          answered.text += decoder.decode(bytes);
          return !isStalled;
        },
        onDrain: (resume) => void onDrain.push(resume),
        end: () => {
          answered.isEnded = true;
        },
        abort: () => {
          answered.isCut = true;
        },
      };
    },
    answered,
    stall: () => {
      isStalled = true;
    },
    drain() {
      isStalled = false;
      const waiting = onDrain;
      onDrain = [];
      for (const resume of waiting) resume();
    },
    leave: () => controller.abort(new Error("the client went away")),
  };
}
