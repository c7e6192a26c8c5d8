import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { endpoints, pods, services } from "../../api/resources.ts";
import type { EndpointSubset, Endpoints, Pod, Service } from "../../api/types/core-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { maxAddresses, planEndpointsObject, planSubsets } from "./plan-endpoints.ts";
import { countAddresses, packSubsets, sameSubsets, truncateSubsets } from "./plan-subsets.ts";

const service = (spec: Input<Service["spec"]> = {}, labels: Readonly<Record<string, string>> = {}): Service =>
  buildObject(services, {
    metadata: { name: "web", labels },
    spec: {
      clusterIP: "10.96.0.7",
      ipFamilies: ["IPv4"],
      selector: { app: "web" },
      ports: [{ name: "http", port: 80, targetPort: 8080 }],
      ...spec,
    },
  });

const pod = (name: string, ready = true, ips: readonly string[] = ["10.244.0.1"], isTerminating = false): Pod =>
  buildObject(pods, {
    metadata: { name, ...(isTerminating ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) },
    spec: {
      nodeName: "node-1",
      hostname: name,
      subdomain: "web",
      containers: [{ name: "web", image: "web", ports: [{ name: "web", containerPort: 9090 }] }],
    },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      podIP: ips[0] ?? "",
      podIPs: ips.map((ip) => ({ ip })),
    },
  });

const shape = (subsets: readonly EndpointSubset[]) =>
  subsets.map(({ addresses = [], notReadyAddresses = [], ports = [] }) => [
    addresses.map(({ ip }) => ip).join(),
    notReadyAddresses.map(({ ip }) => ip).join(),
    ports.map(({ name, port }) => `${name}:${port}`).join(),
  ]);

describe("planSubsets", () => {
  it("says of a pod its address, node, name and identity", () => {
    expect(planSubsets(service(), [pod("a")])).toEqual([
      {
        addresses: [
          {
            ip: "10.244.0.1",
            hostname: "a",
            nodeName: "node-1",
            targetRef: { kind: "Pod", namespace: "default", name: "a", uid: "uid-of-Pod-a" },
          },
        ],
        ports: [{ name: "http", port: 8080, protocol: "TCP" }],
      },
    ]);
  });

  const two = [
    { name: "http", port: 80, targetPort: 8080 },
    { name: "admin", port: 81, targetPort: "web" },
  ];
  it.each<[string, Input<Service["spec"]>, readonly Pod[], unknown]>([
    [
      "ready pods and others apart",
      {},
      [pod("a"), pod("b", false, ["10.244.0.2"])],
      [["10.244.0.1", "10.244.0.2", "http:8080"]],
    ],
    ["ports of the same pods together", { ports: two }, [pod("a")], [["10.244.0.1", "", "admin:9090,http:8080"]]],
    [
      "all pods as ready when asked to",
      { publishNotReadyAddresses: true },
      [pod("a", false)],
      [["10.244.0.1", "", "http:8080"]],
    ],
    ["no stopping pod", {}, [pod("a", true, ["10.244.0.1"], true)], []],
    [
      "a stopping pod when asked to",
      { publishNotReadyAddresses: true },
      [pod("a", true, ["10.244.0.1"], true)],
      [["10.244.0.1", "", "http:8080"]],
    ],
    [
      "addresses of the first family",
      { ipFamilies: ["IPv6", "IPv4"] },
      [pod("a", true, ["10.244.0.1", "fd00::0001"])],
      [["fd00::1", "", "http:8080"]],
    ],
    [
      "the pod's family, of old headless services",
      { ipFamilies: [], clusterIP: "None" },
      [pod("a", true, ["fd00::1"])],
      [["fd00::1", "", "http:8080"]],
    ],
    ["no pod of another family", {}, [pod("a", true, ["fd00::1"])], []],
    [
      "pods of a headless service without ports",
      { clusterIP: "None", ports: [] },
      [pod("a"), pod("b", true, ["10.244.0.2"])],
      [["10.244.0.1,10.244.0.2", "", ""]],
    ],
  ])("shows %s", (_name, spec, selected, expected) => {
    expect(shape(planSubsets(service(spec), selected))).toEqual(expected);
  });
});

describe("packSubsets", () => {
  const address = fc.record({ ip: fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.10") });
  const port = fc.record({ name: fc.constantFrom("a", "b"), port: fc.constantFrom(1, 2) });
  const subset = fc.record({
    addresses: fc.array(address, { maxLength: 3 }),
    notReadyAddresses: fc.array(address, { maxLength: 3 }),
    ports: fc.array(port, { minLength: 1, maxLength: 3 }),
  });
  const pairs = (subsets: readonly EndpointSubset[]): string[] =>
    subsets
      .flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }) =>
        ports.flatMap((one) => [...addresses, ...notReadyAddresses].map(({ ip }) => `${ip} ${one.name}:${one.port}`)),
      )
      .toSorted();

  it("keeps every address with every port, each once, in whatever order they come, and does nothing twice", () => {
    fc.assert(
      fc.property(fc.array(subset, { maxLength: 5 }), (subsets) => {
        const packed = packSubsets(subsets);
        expect(pairs(packed)).toEqual([...new Set(pairs(subsets))]);
        expect(packSubsets(packed)).toEqual(packed);
        expect(sameSubsets(packSubsets(subsets.toReversed()), packed)).toBe(true);
      }),
    );
  });

  it("counts an address that is ready and not ready as not ready", () => {
    const subsets = [
      { addresses: [{ ip: "10.0.0.1" }], notReadyAddresses: [{ ip: "10.0.0.1" }], ports: [{ port: 1 }] },
    ];
    expect(packSubsets(subsets)).toEqual([{ notReadyAddresses: [{ ip: "10.0.0.1" }], ports: [{ port: 1 }] }]);
  });
});

describe("truncateSubsets", () => {
  const list = (count: number) => Array.from({ length: count }, (_none, index) => ({ ip: `10.0.0.${index}` }));
  const of = (...counts: readonly (readonly [number, number])[]): EndpointSubset[] =>
    counts.map(([ready, not]) => ({ addresses: list(ready), notReadyAddresses: list(not), ports: [{ port: 1 }] }));
  const counts = (subsets: readonly EndpointSubset[]) =>
    subsets.map(({ addresses = [], notReadyAddresses = [] }) => [addresses.length, notReadyAddresses.length]);

  it.each([
    ["leaves what fits", of([5, 5]), [[5, 5]]],
    [
      "drops those that are not ready first",
      of([6, 6], [2, 2]),
      [
        [6, 2],
        [2, 0],
      ],
    ],
    [
      "shares the room among the ready ones",
      of([20, 3], [10, 3], [10, 0]),
      [
        [5, 0],
        [3, 0],
        [2, 0],
      ],
    ],
  ])("%s", (_name, subsets, expected) => {
    expect(counts(truncateSubsets(subsets, 10))).toEqual(expected);
  });
});

describe("planEndpointsObject", () => {
  const stored = (input: Input<Endpoints>): Endpoints => buildObject(endpoints, input);

  it("makes the object with the service's labels", () => {
    const plan = planEndpointsObject(
      service({ clusterIP: "None" }, { tier: "front" }),
      [pod("a")],
      undefined,
      "2026-01-01T00:00:05Z",
    );
    expect(plan?.metadata).toEqual({
      name: "web",
      namespace: "default",
      labels: {
        tier: "front",
        "service.kubernetes.io/headless": "",
        "endpoints.kubernetes.io/managed-by": "endpoint-controller",
      },
      annotations: { "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:05Z" },
    });
  });

  it("leaves alone what is right, even in another order", () => {
    const both = [pod("a"), pod("b", true, ["10.244.0.2"])];
    const current = stored(planEndpointsObject(service(), both, undefined, undefined) as Input<Endpoints>);
    expect(planEndpointsObject(service(), both, current, "2026-01-01T00:00:05Z")).toBeUndefined();
    const [subset] = current.subsets ?? [];
    const turned = { ...current, subsets: [{ ...subset, addresses: (subset?.addresses ?? []).toReversed() }] };
    expect(planEndpointsObject(service(), both, turned, undefined)).toBeUndefined();
  });

  it.each<[string, (current: Endpoints) => Endpoints, Service]>([
    ["has another address", (current) => ({ ...current, subsets: [] }), service()],
    ["lacks a label of the service", (current) => current, service({}, { tier: "front" })],
    [
      "is not marked as managed",
      ({ metadata, ...rest }) => ({ ...rest, metadata: { ...metadata, labels: {} } }),
      service(),
    ],
    [
      "says that it is cut",
      ({ metadata, ...rest }) => ({
        ...rest,
        metadata: { ...metadata, annotations: { "endpoints.kubernetes.io/over-capacity": "truncated" } },
      }),
      service(),
    ],
  ])("changes what %s", (_name, change, wanted) => {
    const current = stored(planEndpointsObject(service(), [pod("a")], undefined, undefined) as Input<Endpoints>);
    const plan = planEndpointsObject(wanted, [pod("a")], change(current), undefined);
    expect([plan?.subsets, plan?.metadata?.annotations]).toEqual([current.subsets, {}]);
  });

  it("cuts off what is too much, and says so", () => {
    const crowd = Array.from({ length: maxAddresses + 5 }, (_none, index) =>
      pod(`p-${index}`, true, [`10.244.${Math.floor(index / 200)}.${index % 200}`]),
    );
    const plan = planEndpointsObject(service(), crowd, undefined, undefined);
    expect(countAddresses((plan?.subsets ?? []) as EndpointSubset[])).toBe(maxAddresses);
    expect(plan?.metadata?.annotations).toEqual({ "endpoints.kubernetes.io/over-capacity": "truncated" });
  });
});
