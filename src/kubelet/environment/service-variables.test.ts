import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { services } from "../../api/resources.ts";
import type { Service } from "../../api/types/core-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { serviceVariables } from "./service-variables.ts";

function service(namespace: string, name: string, spec: Partial<Input<Service["spec"]>>): Service {
  return buildObject(services, { metadata: { name, namespace }, spec: { clusterIP: "10.96.0.9", ...spec } });
}

const kubernetes = service("default", "kubernetes", { ports: [{ name: "https", port: 443 }] });
const kubernetesVariables = {
  KUBERNETES_SERVICE_HOST: "10.96.0.9",
  KUBERNETES_SERVICE_PORT: "443",
  KUBERNETES_SERVICE_PORT_HTTPS: "443",
  KUBERNETES_PORT: "tcp://10.96.0.9:443",
  KUBERNETES_PORT_443_TCP: "tcp://10.96.0.9:443",
  KUBERNETES_PORT_443_TCP_PROTO: "tcp",
  KUBERNETES_PORT_443_TCP_PORT: "443",
  KUBERNETES_PORT_443_TCP_ADDR: "10.96.0.9",
};
const variables = (list: readonly Service[], namespace = "shop", links = true) =>
  Object.fromEntries(serviceVariables(list, namespace, links));

describe("serviceVariables", () => {
  it("tell of the API server everywhere, whatever the pod says", () => {
    expect(variables([kubernetes], "shop", false)).toEqual(kubernetesVariables);
  });

  it("tell of the services of the pod's own namespace when it wants them", () => {
    const ports = [
      { name: "web-ui", port: 80 },
      { name: "dns", port: 53, protocol: "UDP" as const },
    ];
    const list = [service("shop", "my-front", { clusterIP: "fd00::1", ports }), service("other", "db", { ports })];
    expect(variables(list, "shop", false)).toEqual({});
    expect(variables(list)).toEqual({
      MY_FRONT_SERVICE_HOST: "fd00::1",
      MY_FRONT_SERVICE_PORT: "80",
      MY_FRONT_PORT: "tcp://[fd00::1]:80",
      MY_FRONT_SERVICE_PORT_WEB_UI: "80",
      MY_FRONT_PORT_80_TCP: "tcp://[fd00::1]:80",
      MY_FRONT_PORT_80_TCP_PROTO: "tcp",
      MY_FRONT_PORT_80_TCP_PORT: "80",
      MY_FRONT_PORT_80_TCP_ADDR: "fd00::1",
      MY_FRONT_SERVICE_PORT_DNS: "53",
      MY_FRONT_PORT_53_UDP: "udp://[fd00::1]:53",
      MY_FRONT_PORT_53_UDP_PROTO: "udp",
      MY_FRONT_PORT_53_UDP_PORT: "53",
      MY_FRONT_PORT_53_UDP_ADDR: "fd00::1",
    });
  });

  it("pass over services without an address or ports", () => {
    const list = [
      service("shop", "headless", { clusterIP: "None", ports: [{ port: 80 }] }),
      service("shop", "outside", { clusterIP: "", ports: [{ port: 80 }] }),
      service("shop", "empty", { ports: [] }),
    ];
    expect(variables(list)).toEqual({});
  });

  it("prefer a service of the pod's own namespace that is called as the API server's", () => {
    const own = service("shop", "kubernetes", { clusterIP: "10.96.0.77", ports: [{ port: 1 }] });
    for (const list of [
      [kubernetes, own],
      [own, kubernetes],
    ])
      expect(variables(list)["KUBERNETES_SERVICE_HOST"]).toBe("10.96.0.77");
  });
});
