/**
 * Orders two resource versions of one kind: negative when `a` is older than `b`, zero when equal. Versions that are not
 * plain numbers (some aggregated servers have such) compare as equal, because nothing can be said of them.
 * Source: Kubernetes API concepts, "Resource versions": comparable as numbers since v1.35.
 */
export function compareResourceVersions(a: string, b: string): number {
  if (a === b || !isPlainNumber(a) || !isPlainNumber(b)) return 0;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

function isPlainNumber(version: string): boolean {
  return /^[1-9][0-9]*$/.test(version);
}
