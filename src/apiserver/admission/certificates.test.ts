import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { certificateSigningRequests } from "../../api/resources.ts";
import { admitWith } from "../../testing/admit.ts";
import type { Authorizer } from "../authorization.ts";
import { readRequestSubject } from "./certificate-request.ts";
import {
  createCertificateApproval,
  createCertificateSigning,
  createCertificateSubjectRestriction,
} from "./certificates.ts";

/** Allows `approve` for one signer and `sign` for all signers of one domain. */
const authorizer: Authorizer = {
  authorize: (attributes) => {
    const asked = attributes.kind === "resource" ? `${attributes.verb} ${attributes.name}` : "";
    const isAllowed = asked === "approve acme.io/web" || asked === "sign acme.io/*";
    return { outcome: isAllowed ? "allow" : "noOpinion", reason: "" };
  },
};
const request = (signerName: string, status: object = {}, pem = "") => ({
  spec: { signerName, request: btoa(pem) },
  status,
});

let requestFor: (subject: string) => Promise<string>;
beforeAll(async () => {
  const x509 = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  requestFor = async (name) =>
    (
      await x509.Pkcs10CertificateRequestGenerator.create({
        name,
        keys,
        signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
      })
    ).toString("pem");
});

describe("subject of a certificate request", () => {
  it("is read from PEM", async () => {
    const pem = await requestFor("CN=jane, O=devs, O=öps, L=here");
    expect(readRequestSubject(btoa(pem))).toEqual({ commonName: "jane", organizations: ["devs", "öps"] });
  });

  it.each([
    { name: "no PEM", pem: "x", answer: "PEM block type must be CERTIFICATE REQUEST" },
    {
      name: "PEM of something else",
      pem: "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
      answer: "asn1: structure error: tag 0 instead of 48",
    },
    {
      name: "PEM that ends too soon",
      pem: "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----",
      answer: "asn1: structure error: value reaches beyond its parent",
    },
  ])("is not found in $name", ({ pem, answer }) => {
    expect(readRequestSubject(btoa(pem))).toBe(answer);
  });
});

describe("certificate admission", () => {
  it("lets only those approve who may for the signer", async () => {
    const approve = (signerName: string) => {
      const object = request(signerName);
      return admitWith(createCertificateApproval(authorizer), {
        resource: certificateSigningRequests,
        subresource: "approval",
        object,
        old: object,
      });
    };
    expect([typeof (await approve("acme.io/web")), await approve("acme.io/db")]).toEqual([
      "object",
      'certificatesigningrequests.certificates.k8s.io "x" is forbidden: user not permitted to approve requests with signerName "acme.io/db"',
    ]);
  });

  it("lets only those issue who may sign, and others change nothing of weight", async () => {
    const update = (signerName: string, status: object) =>
      admitWith(createCertificateSigning(authorizer), {
        resource: certificateSigningRequests,
        subresource: "status",
        object: request(signerName, status),
        old: request(signerName),
      });
    expect([
      typeof (await update("acme.io/db", { certificate: "eA==" })),
      typeof (await update("other.io/db", {})),
      await update("other.io/db", { certificate: "eA==" }),
    ]).toEqual([
      "object",
      "object",
      'certificatesigningrequests.certificates.k8s.io "x" is forbidden: user not permitted to sign requests with signerName "other.io/db"',
    ]);
  });

  it("never lets anyone ask for a certificate of system:masters", async () => {
    const plugin = createCertificateSubjectRestriction();
    const ask = async (subject: string, signerName = "kubernetes.io/kube-apiserver-client") =>
      admitWith(plugin, {
        resource: certificateSigningRequests,
        object: request(signerName, {}, await requestFor(subject)),
      });
    expect([
      typeof (await ask("CN=x, O=devs")),
      typeof (await ask("CN=x, O=system:masters", "acme.io/x")),
      await ask("CN=x, O=system:masters"),
    ]).toEqual([
      "object",
      "object",
      'certificatesigningrequests.certificates.k8s.io "x" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    ]);
  });
});
