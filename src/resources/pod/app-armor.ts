import type { Draft } from "../../api/draft.ts";
import { FieldPath } from "../../api/field-error.ts";
import type { AppArmorProfile, Pod } from "../../api/types/core-v1.ts";
import { sameValue } from "../field-checks.ts";
import { podAnnotations } from "./validation/annotations.ts";

const localhostPrefix = "localhost/";

/** The profile that the older form, an annotation, stands for; undefined when it stands for none. */
export function appArmorFromAnnotation(annotation: string): AppArmorProfile | undefined {
  if (annotation === "unconfined") return { type: "Unconfined" };
  if (annotation === "runtime/default") return { type: "RuntimeDefault" };
  const localhostProfile = annotation.startsWith(localhostPrefix) ? annotation.slice(localhostPrefix.length) : "";
  return localhostProfile === "" ? undefined : { type: "Localhost", localhostProfile };
}

/** Gives containers of a new pod the profiles that only annotations name. Source: KEP-24. */
export function applyAppArmorAnnotations(pod: Draft<Pod>, warn: ((message: string) => void) | undefined): void {
  const { annotations } = pod.metadata;
  if (annotations === undefined || pod.spec.os?.name === "windows") return;
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  for (const container of [...initContainers, ...(containers ?? []), ...ephemeralContainers]) {
    const key = podAnnotations.appArmorPrefix + container.name;
    const annotation = annotations[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) continue;
    const profile = appArmorFromAnnotation(annotation);
    const isSound = profile !== undefined && profile.localhostProfile?.trim() === profile.localhostProfile;
    if (isSound && sameValue(profile, pod.spec.securityContext?.appArmorProfile)) continue;
    if (isSound) container.securityContext = { ...container.securityContext, appArmorProfile: profile };
    const place = FieldPath.of("metadata").child("annotations").key(key);
    warn?.(`${place}: deprecated since v1.30; use the "appArmorProfile" field instead`);
  }
}
