import { Document, isMap, isSeq, parseDocument, type YAMLSeq } from "yaml";
import { isJsonObject } from "../api/json-value.ts";
import { parseYaml } from "../api/yaml.ts";

/** How to reach a cluster and whom to believe. Fields are those of the file. Source: client-go, `clientcmd/api/v1`. */
export interface KubeconfigCluster {
  readonly server?: string;
  readonly "tls-server-name"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  /** A file; `-data` is Base64 and counts before it. */
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "proxy-url"?: string;
}

/** How to prove who one is. */
export interface KubeconfigUser {
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly token?: string;
  /** Counts before `token`, and is read again from time to time. */
  readonly tokenFile?: string;
  readonly as?: string;
  readonly "as-uid"?: string;
  readonly "as-groups"?: readonly string[];
  readonly "as-user-extra"?: Readonly<Record<string, readonly string[]>>;
  readonly username?: string;
  readonly password?: string;
  readonly "auth-provider"?: object;
  readonly exec?: object;
}

/** A user on a cluster. */
export interface KubeconfigContext {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** What one file says, or several together. */
export interface Kubeconfig {
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>;
  readonly users: ReadonlyMap<string, KubeconfigUser>;
  readonly contexts: ReadonlyMap<string, KubeconfigContext>;
  /** Empty when there is none. */
  readonly currentContext: string;
}

/** A cluster with one user and the context that joins them, all of one name. */
export interface KubeconfigEntry {
  readonly name: string;
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
  readonly namespace?: string;
}

/**
 * Reads a kubeconfig.
 * @param toPath makes the paths of other files in it absolute
 * @throws {Error} when this is none
 */
export function readKubeconfig(text: string, toPath: (path: string) => string = (path) => path): Kubeconfig {
  const { value } = parseYaml(text);
  const root = value === null ? {} : value;
  if (!isJsonObject(root)) throw new Error("this is no kubeconfig: it is no mapping");
  const current = root["current-context"];
  return {
    clusters: readNamed(root["clusters"], "cluster", toPath),
    users: readNamed(root["users"], "user", toPath),
    contexts: readNamed(root["contexts"], "context", toPath),
    currentContext: typeof current === "string" ? current : "",
  };
}

/** Several kubeconfigs as one: whatever has a name counts as the first one says, wholly. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const merged = <T>(maps: readonly ReadonlyMap<string, T>[]): ReadonlyMap<string, T> =>
    new Map(maps.toReversed().flatMap((map) => [...map]));
  return {
    clusters: merged(configs.map(({ clusters }) => clusters)),
    users: merged(configs.map(({ users }) => users)),
    contexts: merged(configs.map(({ contexts }) => contexts)),
    currentContext: configs.find(({ currentContext }) => currentContext !== "")?.currentContext ?? "",
  };
}

/**
 * The text of a kubeconfig with an entry put in, or in the place of those of its name; all else stays as it is, comments
 * too. The entry's context becomes the current one.
 * @param text undefined for a file that is not there yet
 * @throws {Error} when the text cannot be read
 */
export function addKubeconfigEntry(text: string | undefined, entry: KubeconfigEntry): string {
  const document = openDocument(text);
  const { name, cluster, user, namespace } = entry;
  const context = { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) };
  setNamed(document, "clusters", { name, cluster });
  setNamed(document, "users", { name, user });
  setNamed(document, "contexts", { name, context });
  document.set("current-context", name);
  return document.toString(writing);
}

/**
 * The text of a kubeconfig without the entries of a name; the very text when there are none.
 * @throws {Error} when the text cannot be read
 */
export function removeKubeconfigEntry(text: string, name: string): string {
  const document = openDocument(text);
  const lists = ["clusters", "users", "contexts"].map((key) => document.get(key));
  let hasChanged = false;
  for (const list of lists) {
    if (!isSeq(list)) continue;
    const kept = list.items.filter((item) => !isNamed(item, name));
    hasChanged ||= kept.length !== list.items.length;
    list.items = kept;
  }
  if (document.get("current-context") === name) {
    document.set("current-context", "");
    hasChanged = true;
  }
  return hasChanged ? document.toString(writing) : text;
}

/** In the dialect of kubectl `no` is no text unless it is quoted. */
const dialect = { version: "1.1" } as const;

/** Long lines, as of certificates, stay whole. */
const writing = { lineWidth: 0 } as const;

const fileFields: ReadonlySet<string> = new Set([
  "certificate-authority",
  "client-certificate",
  "client-key",
  "tokenFile",
]);

function readNamed<T>(list: unknown, field: string, toPath: (path: string) => string): ReadonlyMap<string, T> {
  const named = new Map<string, T>();
  for (const item of Array.isArray(list) ? list : []) {
    if (!isJsonObject(item) || typeof item["name"] !== "string") continue;
    const value = item[field];
    const fields = Object.entries(isJsonObject(value) ? value : {}).map(([key, entry]) => [
      key,
      fileFields.has(key) && typeof entry === "string" && entry !== "" ? toPath(entry) : entry,
    ]);
    if (!named.has(item["name"])) named.set(item["name"], Object.fromEntries(fields) as T);
  }
  return named;
}

function openDocument(text: string | undefined): Document {
  if (text === undefined || text.trim() === "")
    return new Document({ apiVersion: "v1", kind: "Config", clusters: [], users: [], contexts: [] }, dialect);
  const document = parseDocument(text, dialect);
  const [error] = document.errors;
  if (error !== undefined) throw new Error(`this is no kubeconfig: ${error.message}`, { cause: error });
  if (!isMap(document.contents)) throw new Error("this is no kubeconfig: it is no mapping");
  return document as Document;
}

interface KubeconfigItem {
  readonly name: string;
  readonly cluster?: KubeconfigCluster;
  readonly user?: KubeconfigUser;
  readonly context?: KubeconfigContext;
}

function setNamed(document: Document, key: string, item: KubeconfigItem): void {
  const present = document.get(key);
  const list = (isSeq(present) ? present : document.createNode([])) as YAMLSeq;
  if (list !== present) document.set(key, list);
  // An empty list is written as `[]`; with something in it, it is easier to read in lines.
  if (list.items.length === 0) list.flow = false;
  const node = document.createNode(item);
  const index = list.items.findIndex((other) => isNamed(other, item.name));
  if (index === -1) list.items.push(node);
  else list.items[index] = node;
}

function isNamed(item: unknown, name: string): boolean {
  return isMap(item) && item.get("name") === name;
}
