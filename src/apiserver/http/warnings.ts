/** Most that the warnings of one answer may take, in characters, and each of them once that is exceeded. Source: kube-apiserver v1.36. */
const maxTotalLength = 4096;
const maxShortenedLength = 256;

/** The warnings of one request, as its answer carries them. */
export interface Warnings {
  add(message: string): void;
  /** The `warning` header; empty when there are none. */
  headers(): { readonly warning?: readonly string[] };
}

/**
 * Creates an empty list. A warning that is there already is not repeated. When they take too much together all are
 * shortened, and when that does not help either the rest is left out.
 */
export function createWarnings(): Warnings {
  const texts = new Set<string>();
  let total = 0;
  let isShortened = false;
  return {
    add(message) {
      if (message === "" || texts.has(message) || controlCharacter.test(message)) return;
      if (isShortened && total >= maxTotalLength) return;
      texts.add(message);
      total += isShortened ? lengthOf(shorten(message)) : lengthOf(message);
      if (isShortened || total <= maxTotalLength) return;
      isShortened = true;
      total = [...texts].reduce((sum, text) => sum + lengthOf(shorten(text)), 0);
    },
    headers() {
      if (texts.size === 0) return {};
      return { warning: [...texts].map((text) => `299 - "${quote(isShortened ? shorten(text) : text)}"`) };
    },
  };
}

/** Texts with such characters cannot stand in a header. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const controlCharacter = /[\x00-\x1f\x7f-\x9f]/;

function lengthOf(text: string): number {
  return [...text].length;
}

function shorten(text: string): string {
  return text.length <= maxShortenedLength ? text : [...text].slice(0, maxShortenedLength).join("");
}

const encoder = new TextEncoder();

/** Headers are written byte by byte, so every character stands for one byte of UTF-8. */
function quote(text: string): string {
  const quoted = text.replace(/["\\]/g, "\\$&");
  let bytes = "";
  for (const byte of encoder.encode(quoted)) bytes += String.fromCharCode(byte);
  return bytes;
}
