import type { PodTemplateSpec } from "../api/types/core-v1.ts";
import { safeEncode } from "../base/ids.ts";

/** The label that tells the pods of one revision from those of another. */
export const templateHashLabel = "pod-template-hash";

/**
 * A short name part for a pod template: equal templates have equal ones, others almost surely not. `collisionCount`
 * gives another one when it happened all the same. The alphabet has no vowels, so it spells nothing.
 */
export function templateHash(template: PodTemplateSpec, collisionCount: number | undefined): string {
  return hashText(JSON.stringify(template) + (collisionCount === undefined ? "" : `#${collisionCount}`));
}

/** FNV-1a in 32 bits over UTF-8, written in the alphabet of generated names. */
export function hashText(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return safeEncode(String(hash >>> 0));
}
