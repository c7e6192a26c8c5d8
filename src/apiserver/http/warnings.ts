/** Most that the warnings of one answer may take, in bytes. */
const maxWarningBytes = 4096;

/** The warnings of one request, as its answer carries them. */
export interface Warnings {
  add(message: string): void;
  /** The `warning` header; empty when there are none. */
  headers(): { readonly warning?: readonly string[] };
}

/** Creates an empty list. A warning that is there already is not repeated, and what is too much is left out. */
export function createWarnings(): Warnings {
  const values = new Set<string>();
  let bytes = 0;
  return {
    add(message) {
      const value = `299 - "${quote(message)}"`;
      if (values.has(value) || bytes + value.length > maxWarningBytes) return;
      values.add(value);
      bytes += value.length;
    },
    headers: () => (values.size === 0 ? {} : { warning: [...values] }),
  };
}

/** Headers carry Latin letters only: everything else, and control characters, would break the message. */
function quote(text: string): string {
  return text
    .replace(/[\r\n\t]+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .replace(/["\\]/g, "\\$&");
}
