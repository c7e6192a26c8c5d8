import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { parseResolvConf, planPodDns } from "./dns-config.ts";

const nodeFile = "nameserver 192.0.2.53\nsearch example.com\noptions timeout:2\n";
const node = { servers: ["192.0.2.53"], searches: ["example.com"], options: ["timeout:2"] };
const cluster = { servers: ["10.96.0.10"], domain: "cluster.local" };
const clusterConfig = {
  servers: ["10.96.0.10"],
  searches: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.com"],
  options: ["ndots:5"],
};
const plan = (spec: Partial<Input<Pod["spec"]>>, settings = cluster) =>
  planPodDns(buildPod({ spec: { containers: [{ name: "web", image: "web:1" }], ...spec } }), nodeFile, settings);

describe("planPodDns", () => {
  it.each([
    { name: "ClusterFirst", spec: { dnsPolicy: "ClusterFirst" }, config: clusterConfig },
    {
      name: "ClusterFirst on the node's network",
      spec: { dnsPolicy: "ClusterFirst", hostNetwork: true },
      config: node,
    },
    {
      name: "ClusterFirstWithHostNet",
      spec: { dnsPolicy: "ClusterFirstWithHostNet", hostNetwork: true },
      config: clusterConfig,
    },
    { name: "Default", spec: { dnsPolicy: "Default" }, config: node },
    {
      name: "None with settings of its own",
      spec: {
        dnsPolicy: "None",
        dnsConfig: {
          nameservers: ["192.0.2.1"],
          searches: ["ns1.svc.cluster-domain.example"],
          options: [{ name: "ndots", value: "2" }, { name: "edns0" }],
        },
      },
      config: {
        servers: ["192.0.2.1"],
        searches: ["ns1.svc.cluster-domain.example"],
        options: ["ndots:2", "edns0"],
      },
    },
    {
      name: "settings of its own are merged, and win",
      spec: {
        dnsPolicy: "ClusterFirst",
        dnsConfig: {
          nameservers: ["10.96.0.10", "192.0.2.1"],
          searches: ["cluster.local", "own.example"],
          options: [{ name: "ndots", value: "1" }],
        },
      },
      config: {
        servers: ["10.96.0.10", "192.0.2.1"],
        searches: [...clusterConfig.searches, "own.example"],
        options: ["ndots:1"],
      },
    },
  ] as const)("$name", ({ spec, config }) => {
    expect(plan(spec)).toEqual({ config, warnings: [] });
  });

  it("falls back to the node's settings without a cluster DNS, and says so", () => {
    const { config, warnings } = plan({ dnsPolicy: "ClusterFirst" }, { servers: [], domain: "cluster.local" });
    expect(config).toEqual(node);
    expect(warnings).toEqual([
      {
        reason: "MissingClusterDNS",
        message:
          'pod: "web_default(uid-1)". kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.',
      },
    ]);
  });

  it("keeps to what resolvers can take, and says so", () => {
    const nameservers = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
    const searches = Array.from({ length: 40 }, (_, index) => `s${index}.example`);
    const { config, warnings } = plan({ dnsPolicy: "ClusterFirst", dnsConfig: { nameservers, searches } });
    expect(config.servers).toEqual(["10.96.0.10", "192.0.2.1", "192.0.2.2"]);
    expect(config.searches).toHaveLength(32);
    expect(warnings.map(({ message }) => message)).toEqual([
      "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 192.0.2.1 192.0.2.2",
      `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${config.searches.join(" ")}`,
    ]);
    const long = plan({
      dnsPolicy: "None",
      dnsConfig: {
        searches: Array(20)
          .fill("a".repeat(150))
          .map((text, i) => text + i),
      },
    });
    expect(long.config.searches.join(" ").length).toBeLessThanOrEqual(2048);
  });
});

describe("parseResolvConf", () => {
  it("adds servers up, takes the last search line and merges options", () => {
    const text =
      "# comment\nnameserver 192.0.2.1\nsearch a.example.\noptions ndots:1 edns0\nnameserver\t192.0.2.2\nsearch b.example. .\noptions ndots:3\n";
    expect(parseResolvConf(text)).toEqual({
      servers: ["192.0.2.1", "192.0.2.2"],
      searches: ["b.example"],
      options: ["ndots:3", "edns0"],
    });
  });
});
