import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVirtualClock } from "../base/virtual-clock.ts";
import { openClusterKeys } from "./pki.ts";

const dayMs = 24 * 3_600_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "k8ts-pki-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (
  nowMs = Date.now(),
  hosts: readonly string[] = ["localhost", "kubernetes.default.svc", "127.0.0.1", "10.96.0.1"],
) =>
  openClusterKeys(folder, {
    clock: createVirtualClock(nowMs),
    hosts,
    nodeName: "node-1",
    nodeHosts: ["node-1", "10.0.0.2"],
  });

describe("cluster keys", () => {
  it("are issued by one authority for the right names and uses", async () => {
    const keys = await open();
    const authority = new X509Certificate(keys.authority.certificate);
    const server = new X509Certificate(keys.apiServer.certificate);
    const admin = new X509Certificate(keys.admin.certificate);
    expect({
      authoritySignsItself: authority.verify(authority.publicKey),
      isAuthority: authority.ca,
      signed: [server, admin].map((certificate) => certificate.verify(authority.publicKey)),
      names: server.subjectAltName,
      serverUsage: server.keyUsage,
      adminSubject: admin.subject,
      adminUsage: admin.keyUsage,
    }).toEqual({
      authoritySignsItself: true,
      isAuthority: true,
      signed: [true, true],
      names: "DNS:localhost, DNS:kubernetes.default.svc, IP Address:127.0.0.1, IP Address:10.96.0.1",
      serverUsage: ["1.3.6.1.5.5.7.3.1"],
      adminSubject: "O=system:masters\nCN=kubernetes-admin",
      adminUsage: ["1.3.6.1.5.5.7.3.2"],
    });
  });

  it("satisfy openssl", async () => {
    await open();
    const verified = execFileSync("openssl", [
      "verify",
      "-purpose",
      "sslserver",
      "-CAfile",
      join(folder, "ca.crt"),
      join(folder, "apiserver.crt"),
    ]);
    expect(verified.toString()).toContain("OK");
  });

  it("are readable by their owner only", async () => {
    await open();
    for (const name of ["ca.key", "apiserver.key", "admin.key", "service-account.key"])
      expect([name, (statSync(join(folder, name)).mode & 0o777).toString(8)]).toEqual([name, "600"]);
  });

  it("stay the same when opened again", async () => {
    const first = await open();
    expect(await open()).toEqual(first);
  });

  it("are renewed before they expire, but not the authority", async () => {
    const first = await open();
    const later = await open(Date.now() + 340 * dayMs);
    expect(later.authority).toEqual(first.authority);
    expect(later.apiServer.certificate).not.toBe(first.apiServer.certificate);
    expect(readFileSync(join(folder, "apiserver.crt"), "utf8")).toBe(later.apiServer.certificate);
  });

  it("are issued anew for an address that the old certificate lacks", async () => {
    const first = await open();
    const moved = await open(Date.now(), ["localhost", "127.0.0.1", "10.1.2.3"]);
    expect(moved.apiServer.certificate).not.toBe(first.apiServer.certificate);
    expect(moved.admin).toEqual(first.admin);
  });
});
