import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What a node needs of Debian 12, and what the image builder needs. */
export const nodePackages = [
  "containerd",
  "runc",
  "containernetworking-plugins",
  "nftables",
  "iproute2",
  "conntrack",
  "catatonit",
  "busybox-static",
  "mmdebstrap",
] as const;

/** A package that could not be installed; the message is for the user. */
export class PackageError extends Error {
  override readonly name = "PackageError";
}

/** The packages of `wanted` that are not installed. Empty on machines without dpkg: there the binaries themselves are looked for. */
export async function missingPackages(wanted: readonly string[], signal?: AbortSignal): Promise<string[]> {
  const installed = new Set<string>();
  for (const line of (await queryPackages(wanted, signal)).split("\n")) {
    const [name, status] = line.split(" ");
    if (name !== undefined && status === "installed") installed.add(name);
  }
  return wanted.filter((name) => !installed.has(name));
}

/**
 * Installs Debian packages without starting services that they may bring along.
 * @param say hears what is going on
 * @throws {PackageError}
 */
export async function installPackages(
  names: readonly string[],
  say: (detail: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const install = (): Promise<unknown> => aptGet(["install", "--yes", "--no-install-recommends", ...names], signal);
  say(`installing ${names.join(", ")}`);
  try {
    await install();
  } catch {
    // The package lists of a fresh machine are missing or out of date: fetch them and try once more.
    say("reading package lists");
    await aptGet(["update"], signal);
    say(`installing ${names.join(", ")}`);
    await install();
  }
}

async function queryPackages(names: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  try {
    const format = "${Package} ${db:Status-Status}\n";
    return (await run("dpkg-query", ["--show", `--showformat=${format}`, ...names], { signal })).stdout;
  } catch (error) {
    // It exits with 1 when one of the packages is unknown, and still lists the others.
    const { code, stdout } = error as { code?: unknown; stdout?: string };
    if (code === 1) return stdout ?? "";
    throw new PackageError("k8ts installs what it needs with apt, which this machine does not have", { cause: error });
  }
}

async function aptGet(parameters: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  // RUNLEVEL=1 keeps packages from starting their services: the cluster runs a containerd of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1", LC_ALL: "C" };
  try {
    await run("apt-get", ["--quiet", ...parameters], { env, signal, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const output = String((error as { stderr?: string }).stderr ?? "");
    const reason = output.split("\n").find((line) => line.startsWith("E: ")) ?? (error as Error).message;
    throw new PackageError(`apt-get ${parameters[0]} failed: ${reason}`, { cause: error });
  }
}
