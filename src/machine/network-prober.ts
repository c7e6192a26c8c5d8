import { connect } from "node:net";
import type { Clock } from "../base/clock.ts";
import type { ProbeOutcome, Prober } from "../kubelet/prober.ts";
import { probeGrpc } from "./prober/grpc-probe.ts";
import { probeHttp } from "./prober/http-probe.ts";
import { joinHostPort, renderDialError } from "./prober/network-error.ts";

/** Creates a prober that reaches pods over the network that this process is in. */
export function createNetworkProber(clock: Clock): Prober {
  return {
    httpGet: (request, signal) => probeHttp(request, clock, signal),
    tcpConnect: (target, signal) => probeTcp(target, clock, signal),
    grpcHealth: (target, signal) => probeGrpc(target, clock, signal),
  };
}

function probeTcp(
  target: { readonly host: string; readonly port: number; readonly timeoutMs: number },
  clock: Clock,
  signal?: AbortSignal,
): Promise<ProbeOutcome> {
  const address = joinHostPort(target.host, target.port);
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const socket = connect({ host: target.host, port: target.port });
    const settle = (finish: () => void): void => {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
      socket.destroy();
      finish();
    };
    const timer = clock.setTimer(target.timeoutMs, () =>
      settle(() => resolve({ result: "failure", output: `dial tcp ${address}: i/o timeout` })),
    );
    const onAbort = (): void => settle(() => reject(signal?.reason));
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => settle(() => resolve({ result: "success", output: "" })));
    socket.on("error", (error) =>
      settle(() => resolve({ result: "failure", output: renderDialError({ error, address, isConnected: false }) })),
    );
  });
}
