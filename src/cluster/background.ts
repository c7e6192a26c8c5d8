import { type ChildProcess, spawn } from "node:child_process";
import type { ClusterOptions } from "./options.ts";

/** What a cluster's process tells whoever started it, until both go their own ways. */
export type ServerMessage =
  /** Progress, ready to be printed. */
  | { readonly text: string }
  | { readonly ready: true }
  /** It cannot start; the message is for the user. */
  | { readonly failed: string };

/** The cluster did not start; the message is for the user. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/**
 * Starts a cluster in a process of its own, which goes on when this one ends. Resolves when the node is ready.
 * @param command the program and its arguments, to which flags for the options are added
 * @throws {StartError}
 */
export async function startInBackground(
  command: readonly [string, ...string[]],
  options: ClusterOptions,
  write: (text: string) => void,
): Promise<void> {
  const [program, ...parameters] = command;
  const child = spawn(program, [...parameters, ...flagsOf(options)], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  try {
    await untilReady(child, write);
  } finally {
    child.stderr?.destroy();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** Text of a crash that is kept for the message. */
const maxCrashLength = 4_000;

function untilReady(child: ChildProcess, write: (text: string) => void): Promise<void> {
  let crash = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    crash = (crash + text).slice(-maxCrashLength);
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new StartError(error.message, { cause: error })));
    child.once("close", (code, signal) => {
      reject(new StartError(`the cluster's process ended with ${signal ?? `code ${code}`}: ${crash.trim()}`));
    });
    child.on("message", (message: ServerMessage) => {
      if ("text" in message) write(message.text);
      else if ("ready" in message) resolve();
      else reject(new StartError(message.failed));
    });
  });
}

/** The flags that give these options. */
export function flagsOf(options: ClusterOptions): string[] {
  const flags: Readonly<Record<string, string | number | undefined>> = {
    name: options.name,
    "data-dir": options.dataFolder,
    port: options.port,
    "node-port": options.nodePort,
    "cluster-cidr": options.clusterCidr,
    "service-cidr": options.serviceCidr,
    "cluster-domain": options.clusterDomain,
    "node-name": options.nodeName,
    "node-ip": options.nodeIp,
    kubeconfig: options.kubeconfig,
  };
  return Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}
