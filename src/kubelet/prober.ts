/** Carries out the probes that reach a pod over its network; probes by command go through `Runtime.execSync`. */
export interface Prober {
  httpGet(request: HttpProbe, signal?: AbortSignal): Promise<ProbeOutcome>;
  tcpConnect(
    target: { readonly host: string; readonly port: number; readonly timeoutMs: number },
    signal?: AbortSignal,
  ): Promise<ProbeOutcome>;
  grpcHealth(
    target: { readonly host: string; readonly port: number; readonly service: string; readonly timeoutMs: number },
    signal?: AbortSignal,
  ): Promise<ProbeOutcome>;
}

export interface HttpProbe {
  readonly scheme: "HTTP" | "HTTPS";
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly timeoutMs: number;
}

/** What came back. `output` is shown in events. */
export interface ProbeOutcome {
  readonly result: "success" | "failure" | "warning";
  readonly output: string;
  /** The status of the HTTP answer, when there was one. */
  readonly statusCode?: number;
}
