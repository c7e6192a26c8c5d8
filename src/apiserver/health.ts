import type { PathHandler, PathRequest, PathResponse } from "./path-handler.ts";

/** One thing that must be well. */
export interface HealthCheck {
  /** Shown by `?verbose` and served under its own path, for example `/readyz/store`. */
  readonly name: string;
  /** Why it is not well; undefined when it is. */
  fault(): string | undefined;
}

/** Checks by what they say: alive, ready, or (the old way) both. */
export interface HealthChecks {
  readonly livez: readonly HealthCheck[];
  readonly readyz: readonly HealthCheck[];
  readonly healthz: readonly HealthCheck[];
}

/** A check that is always well: somebody answers. */
export const pingCheck: HealthCheck = { name: "ping", fault: () => undefined };

const textHeaders = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };

/**
 * Serves `/livez`, `/readyz` and `/healthz`: `ok`, or what is wrong with status 500; with `?verbose` every check by
 * name, without those that `?exclude` names.
 * Source: Kubernetes documentation, "Kubernetes API health endpoints".
 */
export function createHealthHandlers(checks: HealthChecks): PathHandler[] {
  return (["livez", "readyz", "healthz"] as const).flatMap((endpoint) => [
    {
      paths: [`/${endpoint}`],
      handle: (request: PathRequest) => runChecks(endpoint, checks[endpoint], request.query),
    },
    ...checks[endpoint].map((check) => ({ paths: [`/${endpoint}/${check.name}`], handle: () => runCheck(check) })),
  ]);
}

function runCheck(check: HealthCheck): PathResponse {
  const fault = check.fault();
  if (fault === undefined) return { status: 200, headers: textHeaders, body: "ok" };
  return { status: 500, headers: textHeaders, body: `internal server error: ${fault}\n` };
}

function runChecks(endpoint: string, checks: readonly HealthCheck[], query: URLSearchParams): PathResponse {
  const excluded = new Set(query.getAll("exclude"));
  const lines: string[] = [];
  let isWell = true;
  for (const check of checks) {
    if (excluded.delete(check.name)) {
      lines.push(`[+]${check.name} excluded: ok`);
      continue;
    }
    const isCheckWell = check.fault() === undefined;
    isWell &&= isCheckWell;
    lines.push(isCheckWell ? `[+]${check.name} ok` : `[-]${check.name} failed: reason withheld`);
  }
  const names = [...excluded].map((name) => `"${name}"`).join(", ");
  if (excluded.size > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`);
  const report = lines.map((line) => `${line}\n`).join("");
  if (!isWell) return { status: 500, headers: textHeaders, body: `${report}${endpoint} check failed\n` };
  const isVerbose = query.has("verbose");
  return { status: 200, headers: textHeaders, body: isVerbose ? `${report}${endpoint} check passed\n` : "ok" };
}
