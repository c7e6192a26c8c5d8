import { bytesOfBase64, textOfBytes } from "../authentication/secret-data.ts";

/** Whom a certificate signing request asks a certificate for. */
export interface RequestSubject {
  readonly commonName: string;
  readonly organizations: readonly string[];
}

/** One value of DER: its tag, and the bytes between which its content stands. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

const sequenceTag = 0x30;
const integerTag = 0x02;
const setTag = 0x31;
const identifierTag = 0x06;
/** 2.5.4.3 and 2.5.4.10. */
const commonNameId = "550403";
const organizationId = "55040a";

/**
 * Reads the subject of a PKCS #10 request.
 * @param request PEM in base64, as `spec.request` holds it
 * @returns a text that says what is wrong, when it is no such request
 */
export function readRequestSubject(request: string): RequestSubject | string {
  const pem = pemPattern.exec(textOfBytes(bytesOfBase64(request)));
  const packed = (pem?.[2] ?? "").replace(/\s/g, "");
  if (pem === null || !base64Pattern.test(packed)) return "PEM block type must be CERTIFICATE REQUEST";
  try {
    return readSubject(bytesOfBase64(packed));
  } catch (error) {
    if (error instanceof MalformedDer) return `asn1: structure error: ${error.message}`;
    throw error;
  }
}

const pemPattern = /-----BEGIN ((?:NEW )?CERTIFICATE REQUEST)-----([A-Za-z0-9+/=\s]+)-----END \1-----/;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

class MalformedDer extends Error {
  override readonly name = "MalformedDer";
}

/** A request is { { version, subject, key, attributes }, algorithm, signature }. */
function readSubject(bytes: Uint8Array): RequestSubject {
  const request = childrenOf(bytes, elementAt(bytes, 0, bytes.length, sequenceTag));
  const info = childrenOf(bytes, expectTag(request[0], sequenceTag));
  expectTag(info[0], integerTag);
  const organizations: string[] = [];
  let commonName = "";
  for (const set of childrenOf(bytes, expectTag(info[1], sequenceTag)))
    for (const attribute of childrenOf(bytes, expectTag(set, setTag))) {
      const [identifier, value] = childrenOf(bytes, expectTag(attribute, sequenceTag));
      const { start, end } = expectTag(identifier, identifierTag);
      const id = [...bytes.subarray(start, end)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      if (value === undefined) throw new MalformedDer("attribute without value");
      const text = textOfBytes(bytes.subarray(value.start, value.end));
      if (id === commonNameId) commonName = text;
      if (id === organizationId) organizations.push(text);
    }
  return { commonName, organizations };
}

function childrenOf(bytes: Uint8Array, parent: Element): Element[] {
  const children: Element[] = [];
  for (let at = parent.start; at < parent.end; at = (children.at(-1) as Element).end)
    children.push(elementAt(bytes, at, parent.end));
  return children;
}

function elementAt(bytes: Uint8Array, at: number, limit: number, tag?: number): Element {
  let start = at + 2;
  let length = bytes[at + 1] ?? Number.NaN;
  if (length > 0x80) {
    const count = length - 0x80;
    if (count > 4) throw new MalformedDer("length of more than four bytes");
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + (bytes[start + index] ?? Number.NaN);
    start += count;
  }
  const element = { tag: bytes[at] ?? 0, start, end: start + length };
  // Written so that a length that is not a number fails too.
  if (!(element.end <= limit)) throw new MalformedDer("value reaches beyond its parent");
  return tag === undefined ? element : expectTag(element, tag);
}

function expectTag(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new MalformedDer(`tag ${element?.tag} instead of ${tag}`);
  return element;
}
