import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVirtualClock } from "../base/virtual-clock.ts";
import { inClusterConnection } from "./in-cluster.node.ts";
import {
  addToKubeconfig,
  connectionOf,
  kubeconfigPaths,
  loadKubeconfig,
  removeFromKubeconfig,
  writeKubeconfig,
} from "./kubeconfig.node.ts";
import { readKubeconfig } from "./kubeconfig.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "k8ts-kubeconfig-"));
});
afterEach(() => rm(folder, { recursive: true }));

const clock = createVirtualClock();
const entry = { name: "mine", cluster: { server: "https://127.0.0.1:6443" }, user: { token: "secret" } };
const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe("kubeconfigPaths", () => {
  it.each([
    ["the file at home", {}, ["/home/me/.kube/config"]],
    ["the files that are listed, each once", { KUBECONFIG: ["a", "", "b", "a"].join(delimiter) }, ["a", "b"]],
    ["the file at home for an empty list", { KUBECONFIG: "" }, ["/home/me/.kube/config"]],
  ])("are %s", (_name, environment, expected) => {
    expect(kubeconfigPaths(environment, "/home/me")).toEqual(expected);
  });
});

describe("addToKubeconfig", () => {
  it("makes a file that only its owner may read, with its folder", async () => {
    const path = join(folder, ".kube", "config");
    expect(await addToKubeconfig([path], entry)).toBe(path);
    expect(await mode(path)).toBe(0o600);
    expect((await loadKubeconfig([path])).currentContext).toBe("mine");
  });

  it("writes to the first file that is there, through links, and closes it to others", async () => {
    const [missing, link, real] = [join(folder, "missing"), join(folder, "link"), join(folder, "real")];
    await writeFile(real, "apiVersion: v1\nkind: Config\n", { mode: 0o644 });
    await symlink(real, link);
    expect(await addToKubeconfig([missing, link], entry)).toBe(link);
    expect(await mode(real)).toBe(0o600);
    expect(readKubeconfig(await readFile(real, "utf8")).currentContext).toBe("mine");
    await expect(stat(missing)).rejects.toThrow("ENOENT");
  });

  it("does not write while someone else does, and says so", async () => {
    const path = join(folder, "config");
    await writeFile(`${path}.lock`, "");
    await expect(addToKubeconfig([path], entry)).rejects.toThrow("is being written by someone else");
    await rm(`${path}.lock`);
    await addToKubeconfig([path], entry);
    await expect(stat(`${path}.lock`)).rejects.toThrow("ENOENT");
  });

  it("leaves a file alone that it cannot read", async () => {
    const path = join(folder, "config");
    await writeFile(path, "clusters: [");
    await expect(addToKubeconfig([path], entry)).rejects.toThrow("this is no kubeconfig");
    expect(await readFile(path, "utf8")).toBe("clusters: [");
    await expect(stat(`${path}.lock`)).rejects.toThrow("ENOENT");
    await expect(loadKubeconfig([path])).rejects.toThrow(`error loading config file "${path}"`);
  });
});

describe("removeFromKubeconfig", () => {
  it("takes the entry out of all files, and touches no other", async () => {
    const [one, two, three] = [join(folder, "one"), join(folder, "two"), join(folder, "three")];
    await writeKubeconfig(one, entry);
    await writeKubeconfig(two, { ...entry, name: "other" });
    const before = await readFile(two, "utf8");
    expect(await removeFromKubeconfig([one, two, three], "mine")).toEqual([one]);
    expect([(await loadKubeconfig([one])).clusters.size, await readFile(two, "utf8")]).toEqual([0, before]);
  });
});

describe("connectionOf", () => {
  const connect = async (text: string, context?: string) => {
    const path = join(folder, "config");
    await writeFile(path, text);
    return connectionOf(await loadKubeconfig([path]), clock, context);
  };
  const context = "contexts: [{name: c, context: {cluster: k, user: u}}]\ncurrent-context: c\n";
  const cluster = "clusters: [{name: k, cluster: {server: 'https://k'}}]\n";

  it("reads keys from the file or from where it points", async () => {
    await writeFile(join(folder, "ca.crt"), "authority");
    const connection = await connect(`${context}
clusters: [{name: k, cluster: {server: 'https://k', certificate-authority: ca.crt, tls-server-name: name}}]
users: [{name: u, user: {client-certificate-data: ${btoa("certificate")}, client-key-data: ${btoa("key")}, client-key: none, token: t}}]
`);
    expect([connection.server, connection.namespace, await connection.token?.()]).toEqual([
      "https://k",
      "default",
      "t",
    ]);
    expect(connection.tls()).toEqual({
      authorities: "authority",
      certificate: "certificate",
      key: "key",
      serverName: "name",
    });
  });

  it("reads a token from its file again after a while, and keeps it while the file is away", async () => {
    const file = join(folder, "token");
    await writeFile(file, "one\n");
    const { token } = await connect(`${context}${cluster}users: [{name: u, user: {tokenFile: token, token: zero}}]\n`);
    expect(await token?.()).toBe("one");
    await writeFile(file, "two\n");
    expect(await token?.()).toBe("one");
    await clock.advance(60_000);
    expect(await token?.()).toBe("two");
    await rm(file);
    await clock.advance(60_000);
    expect(await token?.()).toBe("two");
  });

  it("acts as someone else when the user says so", async () => {
    const { headers } = await connect(
      `${context}${cluster}users: [{name: u, user: {as: jane, as-uid: '7', as-groups: [a, b], as-user-extra: {Scope/x: [all]}}}]\n`,
    );
    expect(headers).toEqual({
      "impersonate-user": "jane",
      "impersonate-uid": "7",
      "impersonate-group": ["a", "b"],
      "impersonate-extra-scope%2Fx": ["all"],
    });
  });

  it.each([
    ["no context is current", "clusters: []\n", undefined],
    ['context "x" does not exist', `${context}${cluster}`, "x"],
    ['cluster "k" does not exist', context, undefined],
    ['auth info "u" does not exist', `${context}${cluster}`, undefined],
    [
      'cluster "k" has no server',
      `${context}clusters: [{name: k, cluster: {}}]\nusers: [{name: u, user: {}}]\n`,
      undefined,
    ],
    [
      "a credential plugin (exec) is not supported",
      `${context}${cluster}users: [{name: u, user: {exec: {command: x}}}]\n`,
      undefined,
    ],
    [
      "an auth-provider is not supported",
      `${context}${cluster}users: [{name: u, user: {auth-provider: {name: x}}}]\n`,
      undefined,
    ],
    ["a password is not supported", `${context}${cluster}users: [{name: u, user: {username: x}}]\n`, undefined],
    [
      "a proxy (proxy-url) is not supported",
      `${context}clusters: [{name: k, cluster: {server: 'https://k', proxy-url: 'http://p'}}]\nusers: [{name: u, user: {}}]\n`,
      undefined,
    ],
  ])("says that %s", async (message, text, name) => {
    await expect(connect(text, name)).rejects.toThrow(message);
  });
});

describe("inClusterConnection", () => {
  it("is that of the container's service account", async () => {
    await mkdir(join(folder, "account"));
    for (const [file, text] of [
      ["token", "t\n"],
      ["namespace", "team"],
      ["ca.crt", "authority"],
    ] as const)
      await writeFile(join(folder, "account", file), text);
    const environment = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
    const connection = await inClusterConnection(environment, clock, join(folder, "account"));
    expect([connection?.server, connection?.namespace, connection?.tls(), await connection?.token?.()]).toEqual([
      "https://[fd00::1]:443",
      "team",
      { authorities: "authority" },
      "t",
    ]);
    expect(await inClusterConnection({}, clock)).toBeUndefined();
  });
});
