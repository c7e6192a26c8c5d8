/** JSON that cannot be read; the message has the words of Go's decoder. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
  /** Bytes read when the fault showed, the faulty one among them. */
  readonly offset: number;

  constructor(message: string, offset = 0) {
    super(message);
    this.offset = offset;
  }
}

/** A fault in JSON text. */
export interface JsonFault {
  /** In Go's words. */
  readonly message: string;
  readonly offset: number;
}

const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;

/** Finds the first fault in JSON text; undefined when there is none. */
export function findSyntaxError(bytes: Uint8Array, maxDepth: number): JsonFault | undefined {
  const scanner = createScanner(bytes, maxDepth);
  try {
    scanner.document();
    return undefined;
  } catch (error) {
    if (error instanceof Fault)
      return { message: error.message, offset: Math.min(scanner.position() + 1, bytes.length) };
    throw error;
  }
}

class Fault extends Error {}

/** Where a container stands: what may come next in it. */
type Frame = "object" | "list";

function createScanner(bytes: Uint8Array, maxDepth: number) {
  let position = 0;
  const frames: Frame[] = [];

  // Go closes the text with a space to see whether a literal was complete, which shows in some of its messages.
  const peek = (): number => bytes[position] ?? (position === bytes.length ? space : -1);
  const refuse = (context: string): never => {
    const byte = peek();
    throw new Fault(byte < 0 ? "unexpected end of JSON input" : `invalid character ${quoteByte(byte)} ${context}`);
  };
  const skipSpace = (): void => {
    while (position <= bytes.length && isSpace(peek())) position += 1;
  };
  const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
  const digits = (context: string): void => {
    if (!isDigit(peek())) refuse(context);
    while (isDigit(peek())) position += 1;
  };

  const number = (): void => {
    if (peek() === 0x2d) position += 1;
    if (peek() === 0x30) position += 1;
    else digits("in numeric literal");
    if (peek() === 0x2e) {
      position += 1;
      digits("after decimal point in numeric literal");
    }
    if (peek() === 0x65 || peek() === 0x45) {
      position += 1;
      if (peek() === 0x2b || peek() === 0x2d) position += 1;
      digits("in exponent of numeric literal");
    }
  };

  const literal = (word: string): void => {
    for (const letter of word) {
      if (peek() !== letter.charCodeAt(0)) refuse(`in literal ${word} (expecting '${letter}')`);
      position += 1;
    }
  };

  const string = (): void => {
    for (position += 1; peek() !== quote; position += 1) {
      if (position >= bytes.length) throw new Fault("unexpected end of JSON input");
      if (peek() < space) refuse("in string literal");
      if (peek() === backslash) escape();
    }
    position += 1;
  };
  const escape = (): void => {
    position += 1;
    if (position >= bytes.length && peek() === space) refuse("in string escape code");
    if (peek() === 0x75) {
      for (let count = 0; count < 4; count += 1) {
        position += 1;
        if (!isHex(peek())) refuse("in \\u hexadecimal character escape");
      }
    } else if (!'"\\/bfnrt'.includes(String.fromCharCode(peek()))) refuse("in string escape code");
  };

  /** Reads a scalar or the beginning of a container; true when a value is complete. */
  const beginValue = (): boolean => {
    skipSpace();
    const byte = peek();
    if (byte === 0x7b || byte === 0x5b) {
      if (frames.length >= maxDepth) refuse("exceeded max depth");
      frames.push(byte === 0x7b ? "object" : "list");
      position += 1;
      skipSpace();
      if (peek() !== (byte === 0x7b ? 0x7d : 0x5d)) {
        if (byte === 0x7b) key();
        return false;
      }
      position += 1;
      frames.pop();
    } else if (byte === quote) string();
    else if (byte === 0x2d || isDigit(byte)) number();
    else if (byte === 0x74) literal("true");
    else if (byte === 0x66) literal("false");
    else if (byte === 0x6e) literal("null");
    else refuse("looking for beginning of value");
    return true;
  };
  const key = (): void => {
    skipSpace();
    if (peek() !== quote) refuse("looking for beginning of object key string");
    string();
    skipSpace();
    if (peek() !== 0x3a) refuse("after object key");
    position += 1;
  };

  /** Goes on behind a complete value; true when another value is to come. */
  const endValue = (): boolean => {
    for (;;) {
      skipSpace();
      const frame = frames[frames.length - 1];
      if (frame === undefined) {
        if (position < bytes.length) refuse("after top-level value");
        return false;
      }
      if (peek() === 0x2c) {
        position += 1;
        if (frame === "object") key();
        return true;
      }
      if (peek() !== (frame === "object" ? 0x7d : 0x5d))
        refuse(frame === "object" ? "after object key:value pair" : "after array element");
      position += 1;
      frames.pop();
    }
  };

  return {
    position: () => position,
    document(): void {
      do while (!beginValue());
      while (endValue());
    },
  };
}

function isSpace(byte: number): boolean {
  return byte === space || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function isHex(byte: number): boolean {
  return /^[0-9a-fA-F]$/.test(String.fromCharCode(byte));
}

/** One byte as Go shows it: bytes of longer characters appear one by one. */
function quoteByte(byte: number): string {
  if (byte === 0x27) return "'\\''";
  if (byte === quote) return `'"'`;
  const short: Readonly<Record<number, string>> = {
    7: "a",
    8: "b",
    9: "t",
    10: "n",
    11: "v",
    12: "f",
    13: "r",
    92: "\\",
  };
  if (short[byte] !== undefined) return `'\\${short[byte]}'`;
  const hex = byte.toString(16).padStart(2, "0");
  if (byte < space || byte === 0x7f) return `'\\x${hex}'`;
  return (byte > 0x7f && byte <= 0xa0) || byte === 0xad ? `'\\u00${hex}'` : `'${String.fromCharCode(byte)}'`;
}
