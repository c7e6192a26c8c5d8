/** One value of DER: its tag, and the bytes between which it and its content stand. */
export interface DerElement {
  readonly tag: number;
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

export const derTags = { integer: 0x02, bits: 0x03, identifier: 0x06, sequence: 0x30, set: 0x31 } as const;

/** Bytes that are not DER, or not of the wanted shape. */
export class MalformedDer extends Error {
  override readonly name = "MalformedDer";
}

/** The one value that the bytes hold. @throws {MalformedDer} */
export function readDer(bytes: Uint8Array, tag: number): DerElement {
  const element = elementAt(bytes, 0, bytes.length);
  if (element.end < bytes.length) throw new MalformedDer("trailing data");
  return expectTag(element, tag);
}

/** The values inside another. @throws {MalformedDer} */
export function derChildren(bytes: Uint8Array, parent: DerElement): DerElement[] {
  const children: DerElement[] = [];
  for (let at = parent.start; at < parent.end; at = (children.at(-1) as DerElement).end)
    children.push(elementAt(bytes, at, parent.end));
  return children;
}

/** @throws {MalformedDer} when there is no value, or one of another kind */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) throw new MalformedDer(`tag ${element?.tag} instead of ${tag}`);
  return element;
}

/** An object identifier in hexadecimal. @throws {MalformedDer} */
export function derIdentifier(bytes: Uint8Array, element: DerElement | undefined): string {
  const { start, end } = expectTag(element, derTags.identifier);
  return [...bytes.subarray(start, end)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function elementAt(bytes: Uint8Array, from: number, limit: number): DerElement {
  let start = from + 2;
  let length = bytes[from + 1] ?? Number.NaN;
  if (length > 0x80) {
    const count = length - 0x80;
    if (count > 4) throw new MalformedDer("length of more than four bytes");
    length = 0;
    for (let index = 0; index < count; index += 1) length = length * 256 + (bytes[start + index] ?? Number.NaN);
    start += count;
  }
  // Written so that a length that is not a number fails too.
  if (!(start + length <= limit)) throw new MalformedDer("value reaches beyond its parent");
  return { tag: bytes[from] ?? 0, from, start, end: start + length };
}
