import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { kernelHostname, podHostname } from "./hostname.ts";
import { renderHostNetworkHostsFile, renderHostsFile } from "./hosts-file.ts";

const pod = (spec: Partial<Input<Pod["spec"]>>, name = "web") =>
  buildPod({ metadata: { name }, spec: { containers: [{ name: "web", image: "web:1" }], ...spec } });
const full = "web.sub.default.svc.cluster.local";

describe("podHostname", () => {
  it.each([
    { name: "its name", pod: pod({}), hostname: "web", domain: "" },
    { name: "a host name of its own", pod: pod({ hostname: "front" }), hostname: "front", domain: "" },
    {
      name: "a subdomain",
      pod: pod({ subdomain: "sub" }),
      hostname: "web",
      domain: "sub.default.svc.cluster.local",
    },
    { name: "a long name is cut", pod: pod({}, `${"a".repeat(62)}-bcd`), hostname: "a".repeat(62), domain: "" },
    {
      name: "another name altogether",
      pod: pod({ hostnameOverride: "db.example.com", subdomain: "sub" }),
      hostname: "db.example.com",
      domain: "",
    },
  ])("$name", ({ pod: subject, hostname, domain }) => {
    expect(podHostname(subject, "cluster.local")).toEqual({ hostname, domain });
  });

  it("refuses what is no DNS label", () => {
    expect(() => podHostname(pod({ hostname: "Front" }), "cluster.local")).toThrow(
      'pod Hostname "Front" is not a valid DNS label: a lowercase RFC 1123 label must consist of',
    );
  });
});

describe("kernelHostname", () => {
  it("is the short name, or the full one where the pod asks for it", () => {
    const [plain, asked] = [pod({ subdomain: "sub" }), pod({ subdomain: "sub", setHostnameAsFQDN: true })];
    expect(kernelHostname(plain, podHostname(plain, "cluster.local"))).toBe("web");
    expect(kernelHostname(asked, podHostname(asked, "cluster.local"))).toBe(full);
  });

  it("refuses a full name that the kernel cannot hold", () => {
    const long = pod({ subdomain: "s".repeat(50), setHostnameAsFQDN: true });
    expect(() => kernelHostname(long, podHostname(long, "cluster.local"))).toThrow(
      /^failed to construct FQDN from pod hostname and cluster domain, FQDN web\.s{50}\.default\.svc\.cluster\.local is too long \(64 characters is the max, 80 characters requested\)$/,
    );
  });
});

describe("the hosts file", () => {
  it("of a pod on its node's network is the node's, marked as managed", () => {
    const aliases = [{ ip: "192.0.2.9", hostnames: ["one"] }];
    expect(renderHostNetworkHostsFile("127.0.0.1\tnode\n", aliases)).toBe(
      "# Kubernetes-managed hosts file (host network).\n127.0.0.1\tnode\n\n# Entries added by HostAliases.\n192.0.2.9\tone\n",
    );
  });

  it("names every address of the pod", () => {
    const text = renderHostsFile(["10.0.0.5", "fd00::5"], { hostname: "web", domain: "" }, undefined);
    expect(text.split("\n").slice(-3)).toEqual(["10.0.0.5\tweb", "fd00::5\tweb", ""]);
  });
});
