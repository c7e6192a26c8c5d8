import { afterEach, describe, expect, it } from "vitest";
import { ipAddresses, services } from "../../src/api/resources.ts";
import { startTestServer, type TestServer, type TestServerOptions } from "../../src/testing/test-server.ts";
import { failureOf, inDefault } from "./support/fixtures.ts";

let server: TestServer;
const start = async (options: TestServerOptions = {}) => {
  server = await startTestServer(options);
};
afterEach(() => server.stop());

const create = (name: string, spec: object = {}, options: object = {}) =>
  server.client.create(services, { metadata: inDefault(name), spec: { ports: [{ port: 80 }], ...spec } }, options);
const patch = (name: string, spec: object) => server.client.patch(services, inDefault(name), "merge", { spec });
const takenAddresses = async () =>
  (await server.client.list(ipAddresses)).items.map(({ metadata, spec }) => [metadata.name, spec.parentRef?.name]);
const fixed = { clusterIP: "10.96.7.7" };
const takenMessage = (name: string) =>
  `Service "${name}" is invalid: spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: ` +
  "provided IP is already allocated";

describe("a service", () => {
  it("holds its address until it is deleted", async () => {
    await start();
    await create("a", fixed);
    expect(await takenAddresses()).toEqual([["10.96.7.7", "a"]]);
    expect((await failureOf(create("b", fixed))).message).toBe(takenMessage("b"));
    await server.client.delete(services, inDefault("a"));
    expect(await takenAddresses()).toEqual([]);
    expect((await create("b", fixed)).spec.clusterIP).toBe("10.96.7.7");
  });

  it("gets an address that several want at once if it is the first", async () => {
    await start();
    const ends = await Promise.allSettled(["a", "b", "c"].map((name) => create(name, fixed)));
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  });

  it("that is refused, or only tried, keeps nothing", async () => {
    await start();
    const spec = { ...fixed, type: "NodePort", ports: [{ port: 80, nodePort: 30_100 }] };
    expect((await failureOf(create("a", { ...spec, sessionAffinity: "Odd" }))).code).toBe(422);
    await create("a", spec, { dryRun: true });
    const made = await create("b", spec);
    expect([made.spec.clusterIP, made.spec.ports?.[0]?.nodePort]).toEqual(["10.96.7.7", 30_100]);
  });

  it("gives back what its new type does not need", async () => {
    await start();
    await create("a", { ...fixed, type: "NodePort", ports: [{ port: 80, nodePort: 30_100 }] });
    const plain = await patch("a", { type: "ClusterIP" });
    expect(plain.spec.ports?.[0]?.nodePort).toBeUndefined();
    await create("b", { type: "NodePort", ports: [{ port: 80, nodePort: 30_100 }] });
    const external = { type: "ExternalName", externalName: "example.com", clusterIP: null, clusterIPs: null };
    expect((await patch("a", external)).spec.clusterIP).toBeUndefined();
    expect((await create("c", fixed)).spec.clusterIP).toBe("10.96.7.7");
  });

  it("keeps address and ports through changes that do not name them", async () => {
    await start();
    const made = await create("a", { type: "NodePort", selector: { app: "a" } });
    const { clusterIP, ports } = made.spec;
    const spec = { type: "NodePort", selector: { app: "b" }, ports: [{ port: 80 }] } as const;
    const updated = await server.client.update(services, { metadata: inDefault("a"), spec });
    expect([updated.spec.clusterIP, updated.spec.ports?.[0]?.nodePort]).toEqual([clusterIP, ports?.[0]?.nodePort]);
  });

  it("without addresses of its own takes none", async () => {
    await start();
    await create("a", { clusterIP: "None", selector: { app: "a" } });
    await create("b", { type: "ExternalName", externalName: "example.com" });
    expect(await takenAddresses()).toEqual([]);
  });

  it("of two stacks gets an address of each", async () => {
    await start({ serviceCidrs: ["10.96.0.0/16", "fd00:96::/112"] });
    const { spec } = await create("a", { ipFamilyPolicy: "PreferDualStack" });
    expect([spec.ipFamilies, spec.clusterIPs]).toEqual([
      ["IPv4", "IPv6"],
      [expect.stringMatching(/^10\.96\./), expect.stringMatching(/^fd00:96::/)],
    ]);
    const single = await patch("a", { ipFamilyPolicy: "SingleStack" });
    expect([single.spec.ipFamilies, single.spec.clusterIPs]).toEqual([["IPv4"], [spec.clusterIP]]);
    expect(await takenAddresses()).toEqual([[spec.clusterIP, "a"]]);
  });

  it("that requires what the cluster has not is refused", async () => {
    await start();
    expect((await failureOf(create("a", { ipFamilyPolicy: "RequireDualStack" }))).message).toBe(
      'Service "a" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
    );
  });

  it("finds the range full when it is", async () => {
    await start({ serviceCidrs: ["10.96.0.0/29"] });
    for (const name of ["a", "b", "c", "d", "e", "f"]) await create(name);
    expect(await failureOf(create("g"))).toMatchObject({
      code: 500,
      message: 'Internal error occurred: failed to allocate a serviceIP for Service "g": range is full',
    });
  });

  it("keeps its address from others after the server was started anew", async () => {
    await start();
    await create("a", { ...fixed, type: "NodePort", ports: [{ port: 80, nodePort: 30_100 }] });
    server.server.close();
    await start({ store: server.store, clock: server.clock, namespaces: [] });
    expect((await failureOf(create("b", fixed))).message).toBe(takenMessage("b"));
    expect((await failureOf(create("b", { type: "NodePort", ports: [{ port: 80, nodePort: 30_100 }] }))).message).toBe(
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30100: provided port is already allocated',
    );
  });
});
