import { describe, expect, it } from "vitest";
import { addressAt, checkOptions, defaultOptions } from "./options.ts";

const options = { ...defaultOptions(), nodeName: "node-1" };

describe("cluster options", () => {
  it("are good as they come", () => {
    expect(() => checkOptions(options)).not.toThrow();
  });

  it.each([
    ["a name with a slash", { name: "a/b" }, "the cluster's name must be"],
    ["a node name with an underscore", { nodeName: "my_node" }, "cannot be a node's name"],
    ["a relative data folder", { dataFolder: "data" }, "must be an absolute path"],
    ["one port for two servers", { port: 7000, nodePort: 7000 }, "cannot share port 7000"],
    ["a range that is none", { clusterCidr: "10.244.0.0" }, "--cluster-cidr takes an IPv4 range"],
    ["a range too small for nodes", { clusterCidr: "10.244.0.0/28" }, "between /8 and /24"],
    ["a range with host bits", { serviceCidr: "10.96.0.1/16" }, "has bits set beyond its /16"],
    ["ranges that overlap", { clusterCidr: "10.0.0.0/8" }, "need address ranges of their own"],
    ["an address that is none", { nodeIp: "10.0.0" }, "is no IPv4 address"],
  ])("refuse %s", (_name, wrong, message) => {
    expect(() => checkOptions({ ...options, ...wrong })).toThrow(message);
  });

  it("count addresses of a range", () => {
    expect([addressAt("10.96.0.0/16", 1), addressAt("10.96.0.0/16", 10), addressAt("10.96.255.0/24", 255)]).toEqual([
      "10.96.0.1",
      "10.96.0.10",
      "10.96.255.255",
    ]);
  });
});
