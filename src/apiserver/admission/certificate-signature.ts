import { FieldPath, fieldError } from "../../api/field-error.ts";
import { certificateSigningRequests } from "../../api/resources.ts";
import { invalid } from "../../api/status-error.ts";
import type { CertificateSigningRequest } from "../../api/types/certificates-v1.ts";
import { type CertificateRequest, readCertificateRequest } from "../../resources/certificate-request.ts";
import type { AdmissionPlugin } from "../admission.ts";

/** Names that WebCrypto has for what object identifiers stand for. Source: RFC 3279, RFC 5758, RFC 8410, RFC 5480. */
const signatureAlgorithms: ReadonlyMap<string, { readonly name: string; readonly hash?: string }> = new Map([
  ["2a864886f70d010105", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-1" }],
  ["2a864886f70d01010b", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }],
  ["2a864886f70d01010c", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384" }],
  ["2a864886f70d01010d", { name: "RSASSA-PKCS1-v1_5", hash: "SHA-512" }],
  ["2a8648ce3d0401", { name: "ECDSA", hash: "SHA-1" }],
  ["2a8648ce3d040302", { name: "ECDSA", hash: "SHA-256" }],
  ["2a8648ce3d040303", { name: "ECDSA", hash: "SHA-384" }],
  ["2a8648ce3d040304", { name: "ECDSA", hash: "SHA-512" }],
  ["2b6570", { name: "Ed25519" }],
]);
const curves: ReadonlyMap<string, { readonly name: string; readonly bytes: number }> = new Map([
  ["2a8648ce3d030107", { name: "P-256", bytes: 32 }],
  ["2b81040022", { name: "P-384", bytes: 48 }],
  ["2b81040023", { name: "P-521", bytes: 66 }],
]);

const unimplemented = "x509: cannot verify signature: algorithm unimplemented";

/**
 * Refuses certificate requests that were not signed with the key that they are about. Upstream does so when it checks
 * the object; that has no time to wait for cryptography here.
 */
export function createCertificateSignatureCheck(): AdmissionPlugin {
  return {
    name: "CertificateSignatureCheck",
    handles: ({ group, resource, subresource }, operation) =>
      operation === "create" &&
      group === certificateSigningRequests.group &&
      resource === certificateSigningRequests.plural &&
      subresource === "",
    async validate({ object }) {
      const { metadata, spec } = object as unknown as CertificateSigningRequest;
      const read = readCertificateRequest(spec.request);
      // What cannot be read has been refused before.
      const fault = typeof read === "string" ? undefined : await findSignatureFault(read);
      if (fault === undefined) return;
      const path = FieldPath.of("spec").child("request");
      throw invalid(certificateSigningRequests, metadata.name, [fieldError.invalid(path, spec.request, fault)]);
    },
  };
}

async function findSignatureFault(request: CertificateRequest): Promise<string | undefined> {
  const algorithm = signatureAlgorithms.get(request.signatureAlgorithm);
  const curve = curves.get(request.keyAlgorithm[1] ?? "");
  if (algorithm === undefined || (algorithm.name === "ECDSA" && curve === undefined)) return unimplemented;
  const keyAlgorithm = { ...algorithm, namedCurve: curve?.name ?? "" };
  const signature =
    algorithm.name === "ECDSA" ? plainSignature(request.signature, curve?.bytes ?? 0) : request.signature;
  try {
    const key = await crypto.subtle.importKey("spki", request.publicKey, keyAlgorithm, false, ["verify"]);
    if (await crypto.subtle.verify(keyAlgorithm, key, signature, request.signed)) return undefined;
  } catch {
    return unimplemented;
  }
  return algorithm.name === "ECDSA" ? "x509: ECDSA verification failure" : "crypto/rsa: verification error";
}

/** Two numbers of fixed length, from two integers of DER. */
function plainSignature(der: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const plain = new Uint8Array(2 * bytes);
  // Behind the head of the sequence, whose length takes a second byte for the largest curve.
  let at = (der[1] ?? 0) > 0x80 ? 3 : 2;
  for (const part of [0, bytes]) {
    const length = der[at + 1] ?? 0;
    const digits = der.subarray(at + 2, at + 2 + length);
    const significant = digits.subarray(Math.max(0, digits.length - bytes));
    plain.set(significant, part + bytes - significant.length);
    at += 2 + length;
  }
  return plain;
}
