import { expect, it } from "vitest";
import { readCertificateRequest } from "./certificate-request.ts";
import cases from "./certificate-signing-request/data/certificate-signing-request-cases.json" with { type: "json" };

const [recorded] = cases;

it("reads who asks, and what was signed by which key", () => {
  const read = readCertificateRequest(recorded?.object.spec.request ?? "");
  if (typeof read === "string") throw new Error(read);
  expect(read).toMatchObject({
    commonName: "jane",
    organizations: ["devs"],
    // EC key of P-256, ECDSA with SHA-256.
    keyAlgorithm: ["2a8648ce3d0201", "2a8648ce3d030107"],
    signatureAlgorithm: "2a8648ce3d040302",
  });
  expect([read.signed[0], read.publicKey[0], read.publicKey.length]).toEqual([0x30, 0x30, 91]);
});

const wrap = (body: string): string =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${body}\n-----END CERTIFICATE REQUEST-----`;

it.each([
  { name: "no PEM", pem: "x", answer: "PEM block type must be CERTIFICATE REQUEST" },
  { name: "PEM of something else", pem: wrap("AAAA"), answer: "asn1: structure error: trailing data" },
  { name: "another value", pem: wrap("AgEB"), answer: "asn1: structure error: tag 2 instead of 48" },
  { name: "an early end", pem: wrap("MIIB"), answer: "asn1: structure error: value reaches beyond its parent" },
  { name: "an endless length", pem: wrap("MIWB"), answer: "asn1: structure error: length of more than four bytes" },
])("finds no request in $name", ({ pem, answer }) => {
  expect(readCertificateRequest(btoa(pem))).toBe(answer);
});
