import { bytesOfBase64 } from "../base/base64.ts";
import {
  type DerElement,
  derChildren,
  derIdentifier,
  derTags,
  expectTag,
  MalformedDer,
  readDer,
} from "./certificate-signing-request/der.ts";

/** A PKCS #10 request: who asks for a certificate, and what its signature is about. */
export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** The bytes that are signed. */
  readonly signed: Uint8Array<ArrayBuffer>;
  /** The public key as a SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** The object identifiers of the key's algorithm and of its parameters, if they are one, in hexadecimal. */
  readonly keyAlgorithm: readonly string[];
  /** The object identifier of the signature's algorithm in hexadecimal. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** 2.5.4.3 and 2.5.4.10. */
const commonNameId = "550403";
const organizationId = "55040a";

const pemPattern = /-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----/;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads a PKCS #10 request.
 * @param request PEM in base64, as `spec.request` holds it
 * @returns a text that says what is wrong, when it is no such request
 */
export function readCertificateRequest(request: string): CertificateRequest | string {
  const packed = (pemPattern.exec(new TextDecoder().decode(bytesOfBase64(request)))?.[1] ?? "").replace(/\s/g, "");
  if (!base64Pattern.test(packed)) return "PEM block type must be CERTIFICATE REQUEST";
  try {
    return readRequest(bytesOfBase64(packed));
  } catch (error) {
    if (error instanceof MalformedDer) return `asn1: structure error: ${error.message}`;
    throw error;
  }
}

/** A request is { { version, subject, key, attributes }, algorithm, signature }. */
function readRequest(bytes: Uint8Array<ArrayBuffer>): CertificateRequest {
  const [info, algorithm, signature] = derChildren(bytes, readDer(bytes, derTags.sequence));
  const signed = expectTag(info, derTags.sequence);
  const [version, subject, key] = derChildren(bytes, signed);
  expectTag(version, derTags.integer);
  const publicKey = expectTag(key, derTags.sequence);
  const [keyAlgorithm] = derChildren(bytes, publicKey);
  const [signatureId] = derChildren(bytes, expectTag(algorithm, derTags.sequence));
  const bits = expectTag(signature, derTags.bits);
  return {
    ...readSubject(bytes, expectTag(subject, derTags.sequence)),
    signed: bytes.subarray(signed.from, signed.end),
    publicKey: bytes.subarray(publicKey.from, publicKey.end),
    keyAlgorithm: derChildren(bytes, expectTag(keyAlgorithm, derTags.sequence))
      .filter(({ tag }) => tag === derTags.identifier)
      .map((identifier) => derIdentifier(bytes, identifier)),
    signatureAlgorithm: derIdentifier(bytes, signatureId),
    // The first byte tells how many of the last bits are unused: none, in a signature.
    signature: bytes.subarray(bits.start + 1, bits.end),
  };
}

function readSubject(bytes: Uint8Array, subject: DerElement): Pick<CertificateRequest, "commonName" | "organizations"> {
  const organizations: string[] = [];
  let commonName = "";
  for (const set of derChildren(bytes, subject))
    for (const attribute of derChildren(bytes, expectTag(set, derTags.set))) {
      const [identifier, value] = derChildren(bytes, expectTag(attribute, derTags.sequence));
      const id = derIdentifier(bytes, identifier);
      if (value === undefined) throw new MalformedDer("attribute without value");
      const text = new TextDecoder().decode(bytes.subarray(value.start, value.end));
      if (id === commonNameId) commonName = text;
      if (id === organizationId) organizations.push(text);
    }
  return { commonName, organizations };
}
