import { bytesOfBase64 } from "../../base/base64.ts";
import { derChildren, derTags, expectTag, MalformedDer, readDer } from "./der.ts";

const blockPattern = /-----BEGIN ([^\n-]+)-----\r?\n([\s\S]*?)-----END \1-----/g;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Says what is wrong with an issued certificate and those above it.
 * @param chain PEM in base64, as `status.certificate` holds it; empty is fine
 */
export function findCertificateFault(chain: string): string | undefined {
  if (chain === "") return undefined;
  let blocks = 0;
  for (const [, type = "", body = ""] of new TextDecoder().decode(bytesOfBase64(chain)).matchAll(blockPattern)) {
    const packed = body.replace(/\s/g, "");
    // PEM itself ignores what it cannot read; a header is recognised by its colon.
    const hasHeaders = /^[^\n:]+:/.test(body);
    if (!hasHeaders && !base64Pattern.test(packed)) continue;
    if (type !== "CERTIFICATE") return `only CERTIFICATE PEM blocks are allowed, found "${type}"`;
    if (hasHeaders) return "no PEM block headers are permitted";
    blocks += 1;
    if (packed === "") return "found CERTIFICATE PEM block containing 0 certificates";
    const fault = findDerFault(bytesOfBase64(packed));
    if (fault !== undefined) return fault;
  }
  return blocks === 0 ? "must contain at least one CERTIFICATE PEM block" : undefined;
}

/** A certificate is { content, algorithm, signature }. */
function findDerFault(bytes: Uint8Array): string | undefined {
  try {
    const [content, algorithm, signature] = derChildren(bytes, readDer(bytes, derTags.sequence));
    expectTag(content, derTags.sequence);
    expectTag(algorithm, derTags.sequence);
    expectTag(signature, derTags.bits);
    return undefined;
  } catch (error) {
    if (error instanceof MalformedDer) return "x509: malformed certificate";
    throw error;
  }
}
