import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { endpointSlices, endpoints } from "../../api/resources.ts";
import type { EndpointSubset, Endpoints } from "../../api/types/core-v1.ts";
import type { EndpointSlice } from "../../api/types/discovery-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { type MirroringPlan, maxMirroredPerSubset, planMirroring } from "./plan-mirroring.ts";

const source = (subsets: readonly EndpointSubset[], more: Input<Endpoints["metadata"]> = {}): Endpoints =>
  buildObject(endpoints, { metadata: { name: "db", ...more }, subsets });

const stored = ({ create }: MirroringPlan): readonly EndpointSlice[] =>
  create.map((draft, index) =>
    buildObject(endpointSlices, {
      ...draft,
      metadata: { ...draft.metadata, name: `db-${index}` },
    } as Input<EndpointSlice>),
  );

const port = { name: "sql", port: 5432, protocol: "TCP" as const };

describe("planMirroring", () => {
  it("makes a slice for every subset and family, with the labels and annotations of the source", () => {
    const plan = planMirroring(
      source(
        [
          {
            addresses: [{ ip: "192.0.2.1", hostname: "one" }, { ip: "2001:db8::0001" }],
            notReadyAddresses: [{ ip: "192.0.2.2" }],
            ports: [port],
          },
        ],
        {
          labels: { tier: "data" },
          annotations: {
            "kubectl.kubernetes.io/last-applied-configuration": "{}",
            "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z",
            note: "mine",
          },
        },
      ),
      [],
    );
    expect(plan.create.map(({ addressType, endpoints: shown, ports }) => [addressType, shown, ports])).toEqual([
      [
        "IPv4",
        [
          { addresses: ["192.0.2.1"], conditions: { ready: true }, hostname: "one" },
          { addresses: ["192.0.2.2"], conditions: { ready: false } },
        ],
        [port],
      ],
      ["IPv6", [{ addresses: ["2001:db8::1"], conditions: { ready: true } }], [port]],
    ]);
    expect(plan.create[0]?.metadata).toEqual({
      generateName: "db-",
      namespace: "default",
      labels: {
        tier: "data",
        "kubernetes.io/service-name": "db",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
      },
      annotations: { note: "mine" },
      ownerReferences: [
        {
          apiVersion: "v1",
          kind: "Endpoints",
          name: "db",
          uid: "uid-of-Endpoints-db",
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    });
  });

  const base = [{ addresses: [{ ip: "192.0.2.1" }], ports: [port] }];
  it.each<[string, Endpoints, readonly [number, number, number]]>([
    ["does nothing when all is said", source(base), [0, 0, 0]],
    ["changes a slice with other addresses", source([{ addresses: [{ ip: "192.0.2.9" }], ports: [port] }]), [0, 1, 0]],
    [
      "changes a slice whose address is ready no more",
      source([{ notReadyAddresses: [{ ip: "192.0.2.1" }], ports: [port] }]),
      [0, 1, 0],
    ],
    ["changes a slice without a label of the source", source(base, { labels: { tier: "data" } }), [0, 1, 0]],
    ["changes a slice of former Endpoints of that name", source(base, { uid: "other" }), [0, 1, 0]],
    [
      "uses a slice again for other ports",
      source([{ addresses: [{ ip: "192.0.2.1" }], ports: [{ port: 1 }] }]),
      [0, 1, 0],
    ],
    [
      "uses no slice again for another family",
      source([{ addresses: [{ ip: "2001:db8::1" }], ports: [port] }]),
      [1, 0, 1],
    ],
    ["removes what nothing stands for", source([]), [0, 0, 1]],
  ])("%s", (_name, wanted, [created, updated, removed]) => {
    const plan = planMirroring(wanted, stored(planMirroring(source(base), [])));
    expect([plan.create.length, plan.update.length, plan.remove.length]).toEqual([created, updated, removed]);
    const slices = [
      ...plan.update,
      ...stored({ ...plan, update: [], remove: [] }),
      ...(created + updated + removed === 0 ? stored(planMirroring(source(base), [])) : []),
    ];
    const again = planMirroring(wanted, slices);
    expect([again.create, again.update, again.remove]).toEqual([[], [], []]);
  });

  it("leaves out what is too much and what is no address", () => {
    const addresses = Array.from({ length: maxMirroredPerSubset + 3 }, (_none, index) => ({
      ip: `198.51.${Math.floor(index / 250)}.${index % 250}`,
    }));
    const plan = planMirroring(source([{ addresses: [{ ip: "" }, ...addresses], ports: [port] }]), []);
    expect([plan.create[0]?.endpoints.length, plan.invalid, plan.skipped]).toEqual([maxMirroredPerSubset, 1, 4]);
  });
});
