/** Most bytes that the data of a ConfigMap or Secret may have in all: 1 MiB. */
export const maxDataBytes = 1024 * 1024;

/** How many bytes a base64 text stands for. */
export function decodedBytes(base64: string): number {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return (base64.length / 4) * 3 - padding;
}
