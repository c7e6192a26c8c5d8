import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { endpointSlices, nodes, pods, services } from "../../api/resources.ts";
import type { Node, Pod, Service } from "../../api/types/core-v1.ts";
import type { Endpoint, EndpointSlice } from "../../api/types/discovery-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { addressTypesOf, planEndpoints } from "./plan-endpoints.ts";
import { maxEndpointsPerSlice, planSlices, type SliceDraft } from "./plan-slices.ts";

const service = (spec: Input<Service["spec"]> = {}, labels: Readonly<Record<string, string>> = {}): Service =>
  buildObject(services, {
    metadata: { name: "web", labels },
    spec: {
      clusterIP: "10.96.0.7",
      ipFamilies: ["IPv4"],
      selector: { app: "web" },
      ports: [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP" }],
      ...spec,
    },
  });

interface PodShape {
  readonly ips?: readonly string[];
  readonly ready?: boolean;
  readonly phase?: "Pending" | "Running" | "Succeeded";
  readonly isTerminating?: boolean;
  readonly node?: string | undefined;
  readonly spec?: Input<Pod["spec"]>;
}

const pod = (name: string, shape: PodShape = {}): Pod => {
  const { ips = ["10.244.0.1"], ready = true, phase = "Running", isTerminating = false } = shape;
  return buildObject(pods, {
    metadata: {
      name,
      labels: { app: "web" },
      ...(isTerminating ? { deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 30 } : {}),
    },
    spec: {
      nodeName: shape.node ?? "node-1",
      containers: [{ name: "web", image: "web", ports: [{ name: "web", containerPort: 8080 }] }],
      ...shape.spec,
    },
    status: {
      phase,
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      podIPs: ips.map((ip) => ({ ip })),
      ...(ips[0] === undefined ? {} : { podIP: ips[0] }),
    },
  });
};

const node = (name: string, zone?: string): Node =>
  buildObject(nodes, {
    metadata: { name, ...(zone === undefined ? {} : { labels: { "topology.kubernetes.io/zone": zone } }) },
  });

const known: Readonly<Record<string, Node>> = { "node-1": node("node-1", "north"), "node-2": node("node-2") };
const nodeOf = (name: string): Node | undefined => known[name];
const endpointsOf = (of: Service, ...selected: readonly Pod[]): readonly Endpoint[] =>
  [...planEndpoints({ service: of, pods: selected, nodeOf }, "IPv4").groups.values()].flatMap(({ endpoints }) => [
    ...endpoints.values(),
  ]);

describe("addressTypesOf", () => {
  it.each([
    ["the service's families", { ipFamilies: ["IPv6", "IPv4"] }, ["IPv6", "IPv4"]],
    ["of old objects, the family of the address", { ipFamilies: [], clusterIP: "fd00::1" }, ["IPv6"]],
    ["of old headless ones, both", { ipFamilies: [], clusterIP: "None" }, ["IPv4", "IPv6"]],
  ])("is %s", (_name, spec, expected) => {
    expect(addressTypesOf(service(spec as Input<Service["spec"]>))).toEqual(expected);
  });
});

describe("planEndpoints", () => {
  it("says of a ready pod its address, node, zone and identity", () => {
    expect(endpointsOf(service(), pod("a"))).toEqual([
      {
        addresses: ["10.244.0.1"],
        conditions: { ready: true, serving: true, terminating: false },
        targetRef: { kind: "Pod", namespace: "default", name: "a", uid: "uid-of-Pod-a" },
        nodeName: "node-1",
        zone: "north",
      },
    ]);
  });

  it.each<[string, PodShape, Input<Service["spec"]>, unknown]>([
    ["not ready", { ready: false }, {}, { ready: false, serving: false, terminating: false }],
    [
      "not ready, of a service that publishes such",
      { ready: false },
      { publishNotReadyAddresses: true },
      { ready: true, serving: false, terminating: false },
    ],
    ["ready and stopping", { isTerminating: true }, {}, { ready: false, serving: true, terminating: true }],
    [
      "ready and stopping, of a service that publishes such",
      { isTerminating: true },
      { publishNotReadyAddresses: true },
      { ready: true, serving: true, terminating: true },
    ],
  ])("shows a pod that is %s", (_name, shape, spec, conditions) => {
    expect(endpointsOf(service(spec), pod("a", shape)).map((endpoint) => endpoint.conditions)).toEqual([conditions]);
  });

  it.each<[string, PodShape]>([
    ["has no address", { ips: [] }],
    ["has ended", { phase: "Succeeded" }],
    ["has only an address of the other family", { ips: ["fd00::9"] }],
    ["is on a node that is gone", { node: "node-9" }],
  ])("leaves out a pod that %s", (_name, shape) => {
    expect(endpointsOf(service(), pod("a", shape))).toEqual([]);
  });

  it("says which nodes are missing, unless the service publishes pods that are not ready", () => {
    const state = { pods: [pod("a", { node: "node-9" })], nodeOf };
    expect(planEndpoints({ ...state, service: service() }, "IPv4").faults).toEqual([
      "skipping Pod a for Service default/web: Node node-9 Not Found",
    ]);
    const publishing = planEndpoints({ ...state, service: service({ publishNotReadyAddresses: true }) }, "IPv4");
    expect([publishing.faults, [...publishing.groups.values()][0]?.endpoints.size]).toEqual([[], 1]);
  });

  it.each<[string, Input<Pod["spec"]>, string | undefined]>([
    ["of the service's subdomain", { hostname: "web-0", subdomain: "web" }, "web-0"],
    ["of another subdomain", { hostname: "web-0", subdomain: "other" }, undefined],
    ["without a subdomain", { hostname: "web-0" }, undefined],
  ])("names a pod %s", (_name, spec, hostname) => {
    expect(endpointsOf(service(), pod("a", { spec })).map((endpoint) => endpoint.hostname)).toEqual([hostname]);
  });

  it("groups pods by what the service's named ports are on them", () => {
    const named = service({ ports: [{ name: "http", port: 80, targetPort: "web", appProtocol: "http" }] });
    const other = { containers: [{ name: "web", image: "web", ports: [{ name: "web", containerPort: 9090 }] }] };
    const without = { containers: [{ name: "web", image: "web" }] };
    const { groups } = planEndpoints(
      { service: named, nodeOf, pods: [pod("a"), pod("b", { spec: other }), pod("c", { spec: without })] },
      "IPv4",
    );
    expect([...groups.values()].map(({ ports, endpoints }) => [ports, endpoints.size])).toEqual([
      [[{ name: "http", protocol: "TCP", port: 8080, appProtocol: "http" }], 1],
      [[{ name: "http", protocol: "TCP", port: 9090, appProtocol: "http" }], 1],
      [[], 1],
    ]);
  });
});

/** Does what a plan says; names of new slices are counted. */
function applied(slices: readonly EndpointSlice[], plan: ReturnType<typeof planSlices>): readonly EndpointSlice[] {
  const removed = new Set(plan.remove.map(({ metadata }) => metadata.name));
  const updated = new Map(plan.update.map((slice) => [slice.metadata.name, slice]));
  const kept = slices.filter(({ metadata }) => !removed.has(metadata.name));
  const created = plan.create.map((draft, index) => toSlice(draft, unused(slices, index)));
  return [...kept.map((slice) => updated.get(slice.metadata.name) ?? slice), ...created];
}

/** A name that none of the slices has. */
function unused(slices: readonly EndpointSlice[], index: number): string {
  const numbers = slices.map(({ metadata }) => Number(metadata.name.slice("web-".length)));
  return `web-${Math.max(0, ...numbers) + 1 + index}`;
}

const toSlice = (draft: SliceDraft, name: string): EndpointSlice =>
  buildObject(endpointSlices, { ...draft, metadata: { ...draft.metadata, name } } as Input<EndpointSlice>);

const many = (count: number, from = 0): Pod[] =>
  Array.from({ length: count }, (_none, index) =>
    pod(`p-${from + index}`, { ips: [`10.244.${Math.floor((from + index) / 250)}.${((from + index) % 250) + 1}`] }),
  );
const sizes = (slices: readonly { readonly endpoints?: readonly unknown[] | null }[]): readonly number[] =>
  slices.map(({ endpoints }) => (endpoints ?? []).length).toSorted((a, b) => b - a);

describe("planSlices", () => {
  it("makes a slice that belongs to its service and carries its labels", () => {
    const plan = planSlices({ service: service({}, { tier: "front" }), pods: [pod("a")], nodeOf }, []);
    expect(plan).toEqual({
      create: [
        {
          metadata: {
            generateName: "web-",
            namespace: "default",
            labels: {
              tier: "front",
              "kubernetes.io/service-name": "web",
              "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            },
            ownerReferences: [
              {
                apiVersion: "v1",
                kind: "Service",
                name: "web",
                uid: "uid-of-Service-web",
                controller: true,
                blockOwnerDeletion: true,
              },
            ],
          },
          addressType: "IPv4",
          endpoints: endpointsOf(service(), pod("a")),
          ports: [{ name: "http", protocol: "TCP", port: 8080 }],
        },
      ],
      update: [],
      remove: [],
      faults: [],
    });
  });

  it("marks slices of a headless service", () => {
    const [draft] = planSlices({ service: service({ clusterIP: "None" }), pods: [pod("a")], nodeOf }, []).create;
    expect(draft?.metadata?.labels).toMatchObject({ "service.kubernetes.io/headless": "" });
  });

  it("shows that it has looked by an empty slice, and leaves that alone", () => {
    const state = { service: service(), pods: [], nodeOf };
    const first = planSlices(state, []);
    expect(first.create.map(({ endpoints, ports }) => [endpoints, ports])).toEqual([[[], []]]);
    const again = planSlices(state, applied([], first));
    expect(again).toEqual({ create: [], update: [], remove: [], faults: [] });
  });

  it("fills the empty slice when pods come", () => {
    const empty = applied([], planSlices({ service: service(), pods: [], nodeOf }, []));
    const plan = planSlices({ service: service(), pods: [pod("a")], nodeOf }, empty);
    expect([plan.create, sizes(plan.update), plan.remove]).toEqual([[], [1], []]);
    expect(plan.update[0]?.ports).toEqual([{ name: "http", protocol: "TCP", port: 8080 }]);
  });

  it("has slices for both families of a service of two stacks", () => {
    const both = service({ ipFamilies: ["IPv4", "IPv6"] });
    const { create } = planSlices(
      { service: both, pods: [pod("a", { ips: ["10.244.0.1", "fd00::0001"] })], nodeOf },
      [],
    );
    expect(create.map(({ addressType, endpoints }) => [addressType, endpoints[0]?.addresses])).toEqual([
      ["IPv4", ["10.244.0.1"]],
      ["IPv6", ["fd00::1"]],
    ]);
  });

  it("removes slices of a family that the service no longer has, and of a former service of its name", () => {
    const both = service({ ipFamilies: ["IPv4", "IPv6"] });
    const slices = applied([], planSlices({ service: both, pods: [pod("a")], nodeOf }, []));
    const single = planSlices({ service: service(), pods: [pod("a")], nodeOf }, slices);
    expect(single.remove.map(({ addressType }) => addressType)).toEqual(["IPv6"]);
    const successor = buildObject(services, { ...service(), metadata: { ...service().metadata, uid: "other" } });
    const plan = planSlices({ service: successor, pods: [pod("a")], nodeOf }, slices);
    expect([plan.remove.length, sizes(plan.create)]).toEqual([2, [1]]);
  });

  it("packs a hundred endpoints into a slice", () => {
    expect(sizes(planSlices({ service: service(), pods: many(250), nodeOf }, []).create)).toEqual([100, 100, 50]);
  });

  it("puts more endpoints into the slice that they fill best, and touches no other", () => {
    const [full] = applied([], planSlices({ service: service(), pods: many(60), nodeOf }, []));
    const [emptier] = applied([], planSlices({ service: service(), pods: many(20, 60), nodeOf }, []));
    const slices = [full, { ...emptier, metadata: { ...emptier?.metadata, name: "web-9" } }] as EndpointSlice[];
    for (const [count, expected] of [
      [30, [["web-1", 90]]],
      [60, [["web-9", 80]]],
    ] as const) {
      const plan = planSlices({ service: service(), pods: many(80 + count), nodeOf }, slices);
      expect([plan.create, plan.remove]).toEqual([[], []]);
      expect(plan.update.map(({ metadata, endpoints }) => [metadata.name, endpoints?.length])).toEqual(expected);
    }
  });

  it("fills up a slice that changes anyway before it makes another", () => {
    const slices = applied([], planSlices({ service: service(), pods: many(200), nodeOf }, []));
    const [gone, ...rest] = many(200);
    const plan = planSlices({ service: service(), pods: [...rest, ...many(1, 300)], nodeOf }, slices);
    expect(gone?.metadata.name).toBe("p-0");
    expect([plan.create, sizes(plan.update), plan.remove]).toEqual([[], [100], []]);
  });

  it("changes an endpoint in place when its pod changes", () => {
    const slices = applied([], planSlices({ service: service(), pods: many(3), nodeOf }, []));
    const changed = pod("p-1", { ips: ["10.244.0.2"], ready: false });
    const pods3 = many(3).map((one) => (one.metadata.name === "p-1" ? changed : one));
    const plan = planSlices({ service: service(), pods: pods3, nodeOf }, slices);
    expect(plan.update.map(({ endpoints }) => (endpoints ?? []).map(({ conditions }) => conditions.ready))).toEqual([
      [true, false, true],
    ]);
  });

  it("follows the service's labels", () => {
    const slices = applied([], planSlices({ service: service({}, { tier: "front" }), pods: many(1), nodeOf }, []));
    const plan = planSlices({ service: service({}, { tier: "back" }), pods: many(1), nodeOf }, slices);
    expect(plan.update.map(({ metadata }) => metadata.labels?.["tier"])).toEqual(["back"]);
  });

  it("hints at near endpoints when the service asks for them, and takes hints back", () => {
    const near = service({ trafficDistribution: "PreferSameNode" });
    const plan = planSlices(
      { service: near, pods: [pod("a"), pod("b", { node: "node-2", ips: ["10.244.0.2"] })], nodeOf },
      [],
    );
    expect(plan.create[0]?.endpoints.map(({ hints }) => hints)).toEqual([
      { forZones: [{ name: "north" }], forNodes: [{ name: "node-1" }] },
      { forNodes: [{ name: "node-2" }] },
    ]);
    const slices = applied([], plan);
    const same = planSlices(
      { service: near, pods: [pod("a"), pod("b", { node: "node-2", ips: ["10.244.0.2"] })], nodeOf },
      slices,
    );
    expect([same.update, same.create, same.remove]).toEqual([[], [], []]);
    const without = planSlices({ service: service(), pods: [pod("a")], nodeOf }, slices);
    expect(without.update.map(({ endpoints }) => (endpoints ?? []).map(({ hints }) => hints))).toEqual([[undefined]]);
  });

  it("shows exactly the pods that there are, once each, after any changes, and then has nothing more to do", () => {
    const step = fc.record({ first: fc.nat(180), count: fc.nat(180) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        let slices: readonly EndpointSlice[] = [];
        for (const { first, count } of steps) {
          const selected = many(count, first);
          slices = applied(slices, planSlices({ service: service(), pods: selected, nodeOf }, slices));
          const shown = slices.flatMap(({ endpoints }) => (endpoints ?? []).map(({ targetRef }) => targetRef?.name));
          expect(shown.toSorted()).toEqual(selected.map(({ metadata }) => metadata.name).toSorted());
          expect(Math.max(...sizes(slices))).toBeLessThanOrEqual(maxEndpointsPerSlice);
          expect(slices.length).toBeGreaterThan(0);
          const again = planSlices({ service: service(), pods: selected, nodeOf }, slices);
          expect([again.create, again.update, again.remove]).toEqual([[], [], []]);
        }
      }),
      { numRuns: 20 },
    );
  });
});
