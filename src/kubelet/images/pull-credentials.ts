import { isJsonObject, type JsonObject } from "../../api/json-value.ts";
import type { Secret } from "../../api/types/core-v1.ts";
import { decodeBase64 } from "../environment/container-environment.ts";
import type { RegistryCredential } from "../runtime.ts";

/** A credential and the secret that it comes from. */
export interface PullCredential extends RegistryCredential {
  readonly secretUid: string;
}

/** Names under which the default registry is known. */
const defaultRegistries = new Set(["docker.io", "index.docker.io"]);
const defaultRegistryKey = "index.docker.io";

/**
 * The credentials that fit an image, the most specific first. Secrets that cannot be read are passed over.
 * Source: Kubernetes documentation, "Images": interpretation of config.json.
 * @param repository with registry and path, for example `docker.io/library/nginx`
 */
export function findCredentials(repository: string, secrets: readonly Secret[]): readonly PullCredential[] {
  const entries = secrets.flatMap(readEntries);
  const matching = entries
    .filter(({ key }) => matchesRepository(key, repository))
    .sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0));
  if (matching.length > 0) return matching.map(({ credential }) => credential);
  if (!defaultRegistries.has(repository.split("/")[0] ?? "")) return [];
  return entries.filter(({ key }) => key === defaultRegistryKey).map(({ credential }) => credential);
}

interface Entry {
  /** Host and path without scheme. */
  readonly key: string;
  readonly credential: PullCredential;
}

function readEntries(secret: Secret): Entry[] {
  const config = readConfig(secret);
  if (config === undefined) return [];
  return Object.keys(config).flatMap((location) => {
    const login = readLogin(config[location]);
    if (login === undefined) return [];
    return [
      {
        key: registryKey(location),
        credential: { ...login, serverAddress: location, secretUid: secret.metadata.uid },
      },
    ];
  });
}

/** Both forms of a client's configuration: the newer has its entries below `auths`. */
function readConfig(secret: Secret): JsonObject | undefined {
  const data = secret.data ?? {};
  if (secret.type === "kubernetes.io/dockerconfigjson") {
    const auths = parseJson(data[".dockerconfigjson"])?.["auths"];
    return isJsonObject(auths) ? auths : undefined;
  }
  return secret.type === "kubernetes.io/dockercfg" ? parseJson(data[".dockercfg"]) : undefined;
}

function readLogin(entry: unknown): { readonly username: string; readonly password: string } | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { username, password, auth } = entry;
  if (typeof auth === "string" && auth !== "") {
    const text = decodeText(auth);
    const colon = text?.indexOf(":") ?? -1;
    if (text === undefined || colon < 0) return undefined;
    return { username: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  return {
    username: typeof username === "string" ? username : "",
    password: typeof password === "string" ? password : "",
  };
}

/** `https://index.docker.io/v1/` is written `index.docker.io`. */
function registryKey(location: string): string {
  const [host = "", ...path] = location.replace(/^https?:\/\//, "").split("/");
  if (path[0] === "v1" || path[0] === "v2") path.shift();
  const rest = path.join("/");
  return rest === "" ? host : `${host}/${rest}`;
}

/** Each label of the host may hold `*`; the path is a prefix. */
function matchesRepository(key: string, repository: string): boolean {
  const [keyHost = "", keyPath = ""] = splitHost(key);
  const [host = "", path = ""] = splitHost(repository);
  const [keyName = "", keyPort = ""] = keyHost.split(":");
  const [name = "", port = ""] = host.split(":");
  const keyLabels = keyName.split(".");
  const labels = name.split(".");
  if (keyPort !== port || keyLabels.length !== labels.length || !path.startsWith(keyPath)) return false;
  return keyLabels.every((label, index) => matchesGlob(label, labels[index] ?? ""));
}

function splitHost(url: string): [string, string] {
  const slash = url.indexOf("/");
  return slash < 0 ? [url, ""] : [url.slice(0, slash), url.slice(slash)];
}

/** `*` and `?` as in file names. Walks both texts once, going back to the last `*` only. */
function matchesGlob(glob: string, text: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < text.length) {
    const letter = glob[at];
    if (letter === "*") {
      star = at;
      mark = from;
      at += 1;
    } else if (letter === "?" || letter === text[from]) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      at = star + 1;
      mark += 1;
      from = mark;
    } else return false;
  }
  return /^\**$/.test(glob.slice(at));
}

function parseJson(base64: string | undefined): JsonObject | undefined {
  const text = base64 === undefined ? undefined : decodeText(base64);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Base64, padded or not; undefined when it is neither. */
function decodeText(base64: string): string | undefined {
  const compact = base64.replace(/\s/g, "").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/]*$/.test(compact) || compact.length % 4 === 1) return undefined;
  return new TextDecoder("utf-8").decode(decodeBase64(compact));
}
