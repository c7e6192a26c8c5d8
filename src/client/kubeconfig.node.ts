import { readFileSync } from "node:fs";
import { chmod, mkdir, open, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Clock } from "../base/clock.ts";
import { createFileToken } from "./file-token.node.ts";
import type { HttpsTransportOptions, TlsIdentity } from "./https-transport.node.ts";
import {
  addKubeconfigEntry,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigEntry,
  type KubeconfigUser,
  mergeKubeconfigs,
  readKubeconfig,
  removeKubeconfigEntry,
} from "./kubeconfig.ts";

/** How to reach a cluster as somebody. */
export interface Connection extends Omit<HttpsTransportOptions, "clock"> {
  /** Where things are that say no namespace. */
  readonly namespace: string;
}

/** The files that kubeconfig is read from, in order: those that KUBECONFIG lists, or the one at home. */
export function kubeconfigPaths(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): readonly string[] {
  const listed = (environment["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  return listed.length === 0 ? [join(home, ".kube", "config")] : [...new Set(listed)];
}

/**
 * Reads files as one kubeconfig. Missing ones are left out; paths in them are taken from where they stand.
 * @throws {Error} when a file cannot be read
 */
export async function loadKubeconfig(paths: readonly string[]): Promise<Kubeconfig> {
  const configs: Kubeconfig[] = [];
  for (const path of paths) {
    try {
      const text = await readIfPresent(path);
      if (text !== undefined) configs.push(readKubeconfig(text, (other) => resolve(dirname(resolve(path)), other)));
    } catch (error) {
      throw new Error(`error loading config file "${path}": ${(error as Error).message}`, { cause: error });
    }
  }
  return mergeKubeconfigs(configs);
}

/**
 * Puts an entry into the first of the files that is there, or into a new one in the place of the first, and makes its
 * context the current one. Everything else in the file stays.
 * @returns the file that was written
 * @throws {Error} when the file cannot be read or written, or someone else is writing it
 */
export async function addToKubeconfig(paths: readonly string[], entry: KubeconfigEntry): Promise<string> {
  const present = await Promise.all(paths.map(readIfPresent));
  const path = paths[present.findIndex((text) => text !== undefined)] ?? paths[0];
  if (path === undefined) throw new Error("there is no kubeconfig to write to");
  await editFile(path, (text) => addKubeconfigEntry(text, entry));
  return path;
}

/**
 * Takes the entries of a name out of all the files.
 * @returns the files that were changed
 * @throws {Error} when a file cannot be read or written, or someone else is writing it
 */
export async function removeFromKubeconfig(paths: readonly string[], name: string): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const path of paths) {
    const text = await readIfPresent(path);
    if (text === undefined || removeKubeconfigEntry(text, name) === text) continue;
    await editFile(path, (current) => removeKubeconfigEntry(current ?? "", name));
    changed.push(path);
  }
  return changed;
}

/** Writes a kubeconfig that has one entry and nothing else, readable by its owner alone. */
export async function writeKubeconfig(path: string, entry: KubeconfigEntry): Promise<void> {
  await writePrivately(path, addKubeconfigEntry(undefined, entry));
}

/**
 * How to connect in a context.
 * @param contextName default: the current one
 * @throws {Error} when there is no such context, or it asks for what is not supported
 */
export function connectionOf(config: Kubeconfig, clock: Clock, contextName?: string): Connection {
  const name = contextName ?? config.currentContext;
  const context = config.contexts.get(name);
  if (context === undefined)
    throw new Error(name === "" ? "no context is current" : `context "${name}" does not exist`);
  const cluster = config.clusters.get(context.cluster ?? "");
  if (cluster === undefined) throw new Error(`cluster "${context.cluster ?? ""}" does not exist`);
  const user = context.user === undefined || context.user === "" ? {} : config.users.get(context.user);
  if (user === undefined) throw new Error(`auth info "${context.user}" does not exist`);
  refuseUnsupported(cluster, user, context.user ?? "");
  if (cluster.server === undefined || cluster.server === "")
    throw new Error(`cluster "${context.cluster}" has no server`);
  const { tokenFile } = user;
  const token = user.token === "" ? undefined : user.token;
  return {
    server: cluster.server,
    namespace: context.namespace === undefined || context.namespace === "" ? "default" : context.namespace,
    tls: () => readIdentity(cluster, user),
    token: tokenFile === undefined || tokenFile === "" ? () => token : createFileToken(tokenFile, token, clock),
    headers: impersonationHeaders(user),
  };
}

function refuseUnsupported(cluster: KubeconfigCluster, user: KubeconfigUser, name: string): void {
  const why = (what: string): Error => new Error(`user "${name}": ${what} is not supported`);
  if (user.exec !== undefined) throw why("a credential plugin (exec)");
  if (user["auth-provider"] !== undefined) throw why("an auth-provider");
  if (user.username !== undefined || user.password !== undefined) throw why("a password");
  if (cluster["proxy-url"] !== undefined && cluster["proxy-url"] !== "")
    throw new Error(`cluster of user "${name}": a proxy (proxy-url) is not supported`);
}

/** Reads keys anew each time, since files of them are renewed. */
function readIdentity(cluster: KubeconfigCluster, user: KubeconfigUser): TlsIdentity {
  const authorities = readPem(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  const certificate = readPem(user["client-certificate-data"], user["client-certificate"]);
  const key = readPem(user["client-key-data"], user["client-key"]);
  const serverName = cluster["tls-server-name"];
  return {
    ...(authorities === undefined ? {} : { authorities }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(serverName === undefined || serverName === "" ? {} : { serverName }),
    ...(cluster["insecure-skip-tls-verify"] === true ? { skipsVerification: true } : {}),
  };
}

function readPem(data: string | undefined, file: string | undefined): string | undefined {
  if (data !== undefined && data !== "") return Buffer.from(data, "base64").toString();
  return file === undefined || file === "" ? undefined : readFileSync(file, "utf8");
}

function impersonationHeaders(user: KubeconfigUser): Readonly<Record<string, string | readonly string[]>> {
  const headers: Record<string, string | readonly string[]> = {};
  if (user.as !== undefined && user.as !== "") headers["impersonate-user"] = user.as;
  if (user["as-uid"] !== undefined && user["as-uid"] !== "") headers["impersonate-uid"] = user["as-uid"];
  if ((user["as-groups"] ?? []).length > 0) headers["impersonate-group"] = user["as-groups"] ?? [];
  for (const [key, values] of Object.entries(user["as-user-extra"] ?? {}))
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = values;
  return headers;
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Changes a file while nobody else does who keeps to client-go's way of saying so. */
async function editFile(path: string, change: (text: string | undefined) => string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const lock = `${path}.lock`;
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(lock, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new Error(`${path} is being written by someone else; if not so, remove ${lock}`, { cause: error });
  }
  try {
    await handle.close();
    await writePrivately(path, change(await readIfPresent(path)));
  } finally {
    await rm(lock, { force: true });
  }
}

/** Writes all at once: a crash leaves the old text or the new one. A link stays a link. */
async function writePrivately(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const target = (await readIfPresent(path)) === undefined ? path : await realpath(path);
  const unfinished = `${target}.${process.pid}.tmp`;
  await writeFile(unfinished, text, { mode: 0o600, flush: true });
  await chmod(unfinished, 0o600);
  await rename(unfinished, target);
}
