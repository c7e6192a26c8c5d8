import { renderResponse, requireGet } from "./http/plain-response.ts";
import type { PathHandler } from "./path-handler.ts";

/** What `/version` says. */
export interface ServerVersion {
  /** For example `v1.36.0+k8ts.0.1.0`. */
  readonly gitVersion: string;
  readonly major: string;
  readonly minor: string;
  readonly buildDate: string;
  /** For example `linux/amd64`. */
  readonly platform: string;
}

/** The API level that this server keeps. */
export const apiLevel = { major: "1", minor: "36", patch: "0" } as const;

/** The version of a server built from a package. */
export function serverVersion(packageVersion: string, platform: string): ServerVersion {
  const { major, minor, patch } = apiLevel;
  return {
    gitVersion: `v${major}.${minor}.${patch}+k8ts.${packageVersion}`,
    major,
    minor,
    buildDate: "1970-01-01T00:00:00Z",
    platform,
  };
}

/** Serves `/version`. */
export function createVersionHandler({ major, minor, gitVersion, buildDate, platform }: ServerVersion): PathHandler {
  const body = {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion,
    gitCommit: "",
    gitTreeState: "",
    buildDate,
    goVersion: "",
    compiler: "k8ts",
    platform,
  };
  return {
    paths: ["/version"],
    handle(request) {
      requireGet(request);
      // People read this: it is indented for everyone, as upstream has it.
      return { ...renderResponse(request, body), body: JSON.stringify(body, undefined, 2) };
    },
  };
}
