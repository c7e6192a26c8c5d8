import { describe, expect, it } from "vitest";
import { chooseAddress, defaultRouteLink } from "./node-address.ts";

const ipv4 = (address: string, internal = false) => ({
  address,
  internal,
  family: "IPv4" as const,
  netmask: "255.255.255.0",
  mac: "00:00:00:00:00:00",
  cidr: `${address}/24`,
});
const links = {
  lo: [ipv4("127.0.0.1", true)],
  k8ts: [ipv4("10.244.0.1")],
  eth0: [ipv4("192.0.2.2")],
  eth1: [ipv4("192.0.2.3")],
};

describe("node address", () => {
  it.each([
    ["that of the default route", links, "eth1", "192.0.2.3"],
    ["that of a link of the machine without a route", links, undefined, "192.0.2.2"],
    ["that of a bridge when there is nothing better", { lo: links.lo, k8ts: links.k8ts }, undefined, "10.244.0.1"],
    ["loopback on a machine by itself", { lo: links.lo }, undefined, "127.0.0.1"],
    ["loopback when nothing is known", {}, undefined, "127.0.0.1"],
  ])("is %s", (_name, addresses, preferred, expected) => {
    expect(chooseAddress(addresses, preferred)).toBe(expected);
  });

  it("comes from the default route with the least metric", () => {
    const table = [
      "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT",
      "wlan0\t00000000\t010200C0\t0003\t0\t0\t600\t00000000\t0\t0\t0",
      "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0",
      "eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0",
    ].join("\n");
    expect(defaultRouteLink(table)).toBe("eth0");
    expect(defaultRouteLink("")).toBeUndefined();
  });
});
