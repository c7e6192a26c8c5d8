import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { certificateSigningRequests } from "../../api/resources.ts";
import { admitWith } from "../../testing/admit.ts";
import type { Authorizer } from "../authorization.ts";
import { createCertificateSignatureCheck } from "./certificate-signature.ts";
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

interface Algorithm {
  readonly name: string;
  readonly hash: string;
  readonly namedCurve?: string;
  readonly modulusLength?: number;
  readonly publicExponent?: Uint8Array<ArrayBuffer>;
}

const p256: Algorithm = { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" };
const algorithms: readonly Algorithm[] = [
  p256,
  { name: "ECDSA", hash: "SHA-384", namedCurve: "P-384" },
  { name: "ECDSA", hash: "SHA-512", namedCurve: "P-521" },
  { name: "Ed25519", hash: "" },
  {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
];

let requestFor: (subject: string, algorithm?: Algorithm) => Promise<string>;
beforeAll(async () => {
  const x509 = await import("@peculiar/x509");
  requestFor = async (name, algorithm = p256) => {
    const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const created = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm });
    return created.toString("pem");
  };
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

  it.each(algorithms)("knows the signature of $name with $hash", async (algorithm) => {
    const pem = await requestFor("CN=x", algorithm);
    const ask = (changed: string) =>
      admitWith(createCertificateSignatureCheck(), {
        resource: certificateSigningRequests,
        object: request("acme.io/x", {}, changed),
      });
    expect(await ask(pem)).toBeTypeOf("object");
    expect(await ask(withOtherName(pem))).toMatch(
      /^CertificateSigningRequest.certificates.k8s.io "x" is invalid: spec.request: Invalid value: "\w+=*": (x509: ECDSA verification failure|crypto\/rsa: verification error|x509: Ed25519 verification failure)$/,
    );
  });
});

/** The same request for "y" instead of "x". */
function withOtherName(pem: string): string {
  const lines = pem.trim().split("\n");
  const bytes = Buffer.from(lines.slice(1, -1).join(""), "base64");
  bytes[bytes.indexOf(Buffer.of(0x55, 4, 3)) + 5] = "y".charCodeAt(0);
  return [lines[0], bytes.toString("base64"), lines.at(-1)].join("\n");
}
