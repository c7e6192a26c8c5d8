import { describe, expect, it } from "vitest";
import {
  addKubeconfigEntry,
  type KubeconfigEntry,
  mergeKubeconfigs,
  readKubeconfig,
  removeKubeconfigEntry,
} from "./kubeconfig.ts";

const entry: KubeconfigEntry = {
  name: "mine",
  cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": "QUJD".repeat(60) },
  user: { "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ" },
};

const existing = `# my clusters
apiVersion: v1
kind: Config
preferences: {colors: true} # keep
clusters:
- cluster:
    server: https://work.example.com   # the big one
    extensions:
    - name: tool
      extension: {last-update: "today"}
  name: work
users:
- name: me
  user:
    exec: {command: login, args: null, env: null, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, provideClusterInfo: false}
contexts:
- context: {cluster: work, user: me, namespace: team}
  name: work
current-context: work
odd: [1, 2]
`;

describe("addKubeconfigEntry", () => {
  it("makes a new file", () => {
    expect(addKubeconfigEntry(undefined, { ...entry, namespace: "here" })).toBe(`apiVersion: v1
kind: Config
clusters:
  - name: mine
    cluster:
      server: https://127.0.0.1:6443
      certificate-authority-data: ${"QUJD".repeat(60)}
users:
  - name: mine
    user:
      client-certificate-data: Q0VSVA==
      client-key-data: S0VZ
contexts:
  - name: mine
    context:
      cluster: mine
      user: mine
      namespace: here
current-context: mine
`);
  });

  it("keeps everything else of a file as it is, and is found beside it", () => {
    const text = addKubeconfigEntry(existing, entry);
    for (const kept of [
      "# my clusters",
      "# the big one",
      "# keep",
      "odd:",
      "last-update",
      "command: login",
      "namespace: team",
    ])
      expect(text).toContain(kept);
    const config = readKubeconfig(text);
    expect([[...config.clusters.keys()], [...config.users.keys()], [...config.contexts.keys()]]).toEqual([
      ["work", "mine"],
      ["me", "mine"],
      ["work", "mine"],
    ]);
    expect([config.currentContext, config.clusters.get("mine"), config.users.get("mine")]).toEqual([
      "mine",
      entry.cluster,
      entry.user,
    ]);
  });

  it.each(["no", "0644", "1e3", "null", "a: b", "2026-01-01"])("writes the name %s so that it stays a text", (name) => {
    const text = addKubeconfigEntry(undefined, { ...entry, name });
    expect([...readKubeconfig(addKubeconfigEntry(text, entry)).clusters.keys()]).toEqual([name, "mine"]);
  });

  it("takes the place of what had its name", () => {
    const first = addKubeconfigEntry(existing, entry);
    const second = addKubeconfigEntry(first, {
      ...entry,
      cluster: { server: "https://127.0.0.1:7443" },
      user: { token: "t" },
    });
    const config = readKubeconfig(second);
    expect([config.clusters.size, config.clusters.get("mine"), config.users.get("mine")]).toEqual([
      2,
      { server: "https://127.0.0.1:7443" },
      { token: "t" },
    ]);
  });

  it.each([
    [
      "lists that are null, as kubectl writes them",
      "apiVersion: v1\nclusters: null\ncontexts: null\nusers: null\nkind: Config\n",
    ],
    ["an empty file", "\n"],
    ["a file in JSON", '{"apiVersion":"v1","kind":"Config","clusters":[],"users":[],"contexts":[]}'],
  ])("copes with %s", (_name, text) => {
    expect(readKubeconfig(addKubeconfigEntry(text, entry)).contexts.get("mine")).toEqual({
      cluster: "mine",
      user: "mine",
    });
  });

  it.each([
    ["no YAML", "clusters: [\n"],
    ["no mapping", "- a\n- b\n"],
  ])("refuses %s", (_name, text) => {
    expect(() => addKubeconfigEntry(text, entry)).toThrow("this is no kubeconfig");
  });
});

describe("removeKubeconfigEntry", () => {
  it("takes out what was put in, and leaves the rest", () => {
    const text = removeKubeconfigEntry(addKubeconfigEntry(existing, entry), "mine");
    const [before, after] = [readKubeconfig(existing), readKubeconfig(text)];
    expect(after).toEqual({ ...before, currentContext: "" });
    expect(text).toContain("# the big one");
  });

  it("leaves the current context alone when it is another, and the text when nothing has that name", () => {
    const other = addKubeconfigEntry(addKubeconfigEntry(existing, entry), { ...entry, name: "other" });
    expect(readKubeconfig(removeKubeconfigEntry(other, "mine")).currentContext).toBe("other");
    expect(removeKubeconfigEntry(existing, "mine")).toBe(existing);
  });
});

describe("readKubeconfig", () => {
  it("makes paths absolute, takes the first of a name and leaves out what it cannot use", () => {
    const text = `
clusters:
- {name: a, cluster: {server: "https://one", certificate-authority: ca.crt}}
- {name: a, cluster: {server: "https://two"}}
- {cluster: {server: "https://three"}}
- nonsense
users:
- {name: u, user: {client-certificate: "", client-key: key.pem, tokenFile: token}}
`;
    const config = readKubeconfig(text, (path) => `/home/${path}`);
    expect([...config.clusters]).toEqual([["a", { server: "https://one", "certificate-authority": "/home/ca.crt" }]]);
    expect(config.users.get("u")).toEqual({
      "client-certificate": "",
      "client-key": "/home/key.pem",
      tokenFile: "/home/token",
    });
    expect(config.currentContext).toBe("");
  });

  it("refuses what is no mapping", () => {
    expect(() => readKubeconfig("text")).toThrow("this is no kubeconfig");
  });
});

describe("mergeKubeconfigs", () => {
  it("takes each name from the first file that has it", () => {
    const one = readKubeconfig("clusters: [{name: a, cluster: {server: one}}]\ncurrent-context: ''\n");
    const two = readKubeconfig(
      "clusters: [{name: a, cluster: {server: two, tls-server-name: x}}, {name: b, cluster: {}}]\ncurrent-context: b\n",
    );
    const three = readKubeconfig("current-context: c\n");
    const { clusters, currentContext } = mergeKubeconfigs([one, two, three]);
    expect([clusters.get("a"), [...clusters.keys()].toSorted(), currentContext]).toEqual([
      { server: "one" },
      ["a", "b"],
      "b",
    ]);
  });
});
