/**
 * What neutral rooms may use of the platform: standard objects that Node and browsers share and that touch neither
 * time, chance, files nor sockets. Timers, clocks and randomness are deliberately absent.
 */

interface AbortSignal {
  readonly aborted: boolean;
  // oxlint-disable-next-line typescript/no-explicit-any -- the platform's own declaration
  readonly reason: any;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

declare var AbortSignal: {
  prototype: AbortSignal;
  abort(reason?: unknown): AbortSignal;
  any(signals: readonly AbortSignal[]): AbortSignal;
};

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}

declare class URL {
  constructor(url: string, base?: string);
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
  readonly pathname: string;
  readonly search: string;
  readonly searchParams: URLSearchParams;
}

declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string | Record<string, string> | Iterable<[string, string]>);
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  append(name: string, value: string): void;
  delete(name: string): void;
  [Symbol.iterator](): Iterator<[string, string]>;
  toString(): string;
}

declare function queueMicrotask(callback: () => void): void;
declare function atob(text: string): string;
declare function btoa(text: string): string;

/** Checking signatures is the only cryptography that neutral rooms do. */
declare const crypto: {
  readonly subtle: {
    importKey(
      format: "spki",
      key: Uint8Array<ArrayBuffer>,
      algorithm: { readonly name: string; readonly hash?: string; readonly namedCurve?: string },
      extractable: false,
      usages: readonly ["verify"],
    ): Promise<CryptoKey>;
    verify(
      algorithm: { readonly name: string; readonly hash?: string },
      key: CryptoKey,
      signature: Uint8Array<ArrayBuffer>,
      data: Uint8Array<ArrayBuffer>,
    ): Promise<boolean>;
  };
};

interface CryptoKey {
  readonly type: string;
}
