import { beforeEach, describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { LifecycleHandler } from "../../api/types/core-v1.ts";
import { createVirtualClock, type VirtualClock } from "../../base/virtual-clock.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { createFakeProber, type FakeProber } from "../../testing/fake-machine.ts";
import { type ExecResult, RuntimeError } from "../runtime.ts";
import { runHook } from "./lifecycle-hook.ts";

const pod = buildPod();
const encode = (text: string) => new TextEncoder().encode(text);
let clock: VirtualClock;
let prober: FakeProber;
let events: string[];
let exec: (command: readonly string[]) => ExecResult;
let stop: AbortController;

beforeEach(() => {
  clock = createVirtualClock();
  prober = createFakeProber();
  events = [];
  exec = () => ({ exitCode: 0, stdout: encode(""), stderr: encode("") });
  stop = new AbortController();
});

function run(handler: Input<LifecycleHandler>, podIp = "10.0.0.5"): Promise<string | undefined> {
  const context = {
    runtime: { execSync: async (_id: string, command: readonly string[]) => exec(command) },
    prober,
    recorder: {
      record: (_: unknown, type: string, reason: string, text: string) =>
        void events.push(`${type} ${reason}: ${text}`),
    },
    clock,
    apiVersion: "1.36",
  };
  const target = { pod, container: pod.spec.containers[0] as never, containerId: "web-1", podIp };
  return runHook(context, target, handler as LifecycleHandler, stop.signal);
}

describe("runHook", () => {
  it.each<{ name: string; exec: () => ExecResult; failure: string | undefined }>([
    { name: "succeeds", exec: () => ({ exitCode: 0, stdout: encode("x"), stderr: encode("") }), failure: undefined },
    {
      name: "fails",
      exec: () => ({ exitCode: 3, stdout: encode("out "), stderr: encode("no") }),
      failure:
        'Exec lifecycle hook ([say hi]) for Container "web" in Pod "web_default(uid-1)" failed - error: command \'say hi\' exited with 3: no, message: "out no"',
    },
    {
      name: "cannot be run",
      exec: () => {
        throw new RuntimeError("failed", "no such container", { rpcCode: "Internal" });
      },
      failure:
        'Exec lifecycle hook ([say hi]) for Container "web" in Pod "web_default(uid-1)" failed - error: rpc error: code = Internal desc = no such container, message: ""',
    },
  ])("with a command that $name", async ({ exec: answer, failure }) => {
    exec = answer;
    expect(await run({ exec: { command: ["say", "hi"] } })).toBe(failure);
  });

  const httpGet = { path: "/bye", port: 8443, scheme: "HTTPS" } as const;
  it("over HTTP takes any answer for success", async () => {
    prober.answer = () => ({ result: "failure", output: "HTTP probe failed with statuscode: 500", statusCode: 500 });
    expect(await run({ httpGet })).toBeUndefined();
  });

  it("over HTTP tells what went wrong", async () => {
    prober.answer = () => ({ result: "failure", output: "connection refused" });
    const about = 'HTTP lifecycle hook (/bye) for Container "web" in Pod "web_default(uid-1)" failed - error: ';
    expect(await run({ httpGet })).toBe(`${about}connection refused`);
    expect(await run({ httpGet }, "")).toBe(`${about}failed to find networking container`);
    expect(await run({ httpGet: { port: "none" } })).toContain('strconv.Atoi: parsing "none": invalid syntax');
  });

  it("falls back to plain HTTP, without the login, where a server does not speak HTTPS", async () => {
    prober.answer = () =>
      prober.requests.at(-1)?.scheme === "HTTPS"
        ? { result: "failure", output: "http: server gave HTTP response to HTTPS client" }
        : { result: "success", output: "" };
    const httpHeaders = [{ name: "Authorization", value: "secret" }];
    expect(await run({ httpGet: { ...httpGet, httpHeaders } })).toBeUndefined();
    expect(prober.requests.map(({ scheme }) => scheme)).toEqual(["HTTPS", "HTTP"]);
    expect(prober.requests[1]?.headers.map(({ name }) => name)).toEqual(["User-Agent", "Accept"]);
    expect(events).toEqual([
      "Warning LifecycleHTTPFallback: request to HTTPS lifecycle hook 10.0.0.5:8443 got HTTP response, retry with HTTP succeeded",
    ]);
  });

  it("sleeps until its time is over, or until it is given up", async () => {
    const sleeping = run({ sleep: { seconds: 5 } });
    await clock.advance(5_000);
    expect(await sleeping).toBeUndefined();
    const interrupted = run({ sleep: { seconds: 5 } });
    stop.abort(new Error("time is up"));
    await expect(interrupted).rejects.toThrow("time is up");
  });
});
