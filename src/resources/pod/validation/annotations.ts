import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { goQuote } from "../../../api/go-quote.ts";
import type { AppArmorProfile, PodSpec, SeccompProfile, Toleration } from "../../../api/types/core-v1.ts";
import { findContainer } from "../../pod-status.ts";
import { forEachContainer } from "./each-container.ts";
import { checkDescendingPath } from "./paths.ts";
import type { PodRules } from "./rules.ts";
import { checkTolerations } from "./scheduling.ts";

type Annotations = Readonly<Record<string, string>> | undefined;

/** Annotations that say something about the pod itself. Most are older forms of fields. */
export const podAnnotations = {
  /** Marks the picture that the API has of a pod that a node was given by a file. */
  mirror: "kubernetes.io/config.mirror",
  deletionCost: "controller.kubernetes.io/pod-deletion-cost",
  tolerations: "scheduler.alpha.kubernetes.io/tolerations",
  seccompPod: "seccomp.security.alpha.kubernetes.io/pod",
  seccompContainerPrefix: "container.seccomp.security.alpha.kubernetes.io/",
  appArmorPrefix: "container.apparmor.security.beta.kubernetes.io/",
} as const;

const localhostPrefix = "localhost/";
const maxInt32 = 2_147_483_647;

/** Checks the annotations of a pod or template that mean something to the cluster. */
export function checkPodAnnotations(
  errors: FieldError[],
  path: FieldPath,
  annotations: Annotations,
  spec: PodSpec,
  rules: PodRules,
): void {
  if (annotations === undefined) return;
  const mirror = annotations[podAnnotations.mirror];
  if (mirror !== undefined && (spec.nodeName ?? "") === "")
    errors.push(
      fieldError.invalid(
        path.key(podAnnotations.mirror),
        mirror,
        "must set spec.nodeName if mirror pod annotation is set",
      ),
    );
  checkAnnotatedTolerations(errors, path, annotations, rules);
  const cost = annotations[podAnnotations.deletionCost];
  if (cost !== undefined && !rules.allowInvalidDeletionCost && parseDeletionCost(cost) === undefined)
    errors.push(fieldError.invalid(path.key(podAnnotations.deletionCost), cost, "must be a 32bit integer"));
  const keys = Object.keys(annotations);
  const ofPod = annotations[podAnnotations.seccompPod];
  if (ofPod !== undefined) checkAnnotatedSeccomp(errors, path.child(podAnnotations.seccompPod), ofPod);
  for (const key of keys)
    if (key.startsWith(podAnnotations.seccompContainerPrefix))
      checkAnnotatedSeccomp(errors, path.child(key), annotations[key] as string);
  for (const key of keys)
    if (key.startsWith(podAnnotations.appArmorPrefix))
      checkAnnotatedAppArmor(errors, path.key(key), key, annotations[key] as string, spec);
}

/** Reads what it costs to delete a pod, for choosing which of several goes first; undefined when malformed. */
export function parseDeletionCost(text: string): number | undefined {
  if (!/^(?:0|-\d+|[1-9]\d*)$/.test(text)) return undefined;
  const cost = Number(text);
  return cost >= -maxInt32 - 1 && cost <= maxInt32 ? cost : undefined;
}

function checkAnnotatedTolerations(
  errors: FieldError[],
  path: FieldPath,
  annotations: NonNullable<Annotations>,
  rules: PodRules,
): void {
  const text = annotations[podAnnotations.tolerations] ?? "";
  if (text === "") return;
  let tolerations: unknown;
  try {
    tolerations = JSON.parse(text);
  } catch (error) {
    errors.push(fieldError.invalid(path, podAnnotations.tolerations, (error as Error).message));
    return;
  }
  if (Array.isArray(tolerations))
    checkTolerations(errors, path.child(podAnnotations.tolerations), tolerations as Toleration[], rules);
}

function checkAnnotatedSeccomp(errors: FieldError[], path: FieldPath, profile: string): void {
  if (["runtime/default", "docker/default", "unconfined"].includes(profile)) return;
  if (profile.startsWith(localhostPrefix)) checkDescendingPath(errors, path, profile.slice(localhostPrefix.length));
  else errors.push(fieldError.invalid(path, profile, "must be a valid seccomp profile"));
}

function checkAnnotatedAppArmor(
  errors: FieldError[],
  path: FieldPath,
  key: string,
  profile: string,
  spec: PodSpec,
): void {
  const container = key.slice(podAnnotations.appArmorPrefix.length);
  if (findContainer(spec, container) === undefined)
    errors.push(fieldError.invalid(path, container, "container not found"));
  const isKnown = ["", "runtime/default", "unconfined"].includes(profile) || profile.startsWith(localhostPrefix);
  if (!isKnown) errors.push(fieldError.invalid(path, profile, `invalid AppArmor profile name: ${goQuote(profile)}`));
}

/** Refuses profiles that annotation and field give differently. */
export function checkAnnotatedProfiles(
  errors: FieldError[],
  specPath: FieldPath,
  annotations: Annotations,
  spec: PodSpec,
): void {
  if (annotations === undefined) return;
  const ofPod = spec.securityContext?.seccompProfile;
  if (ofPod !== undefined)
    checkProfilesMatch(errors, specPath.child("securityContext").child("seccompProfile"), "seccomp", ofPod, [
      annotations[podAnnotations.seccompPod],
      ["runtime/default", "docker/default"],
    ]);
  forEachContainer(spec, specPath, (container, path) => {
    const profile = container.securityContext?.seccompProfile;
    if (profile === undefined) return;
    const annotation = annotations[podAnnotations.seccompContainerPrefix + container.name];
    if (annotation === undefined) return;
    const place = path().child("securityContext").child("seccompProfile");
    checkProfilesMatch(errors, place, "seccomp", profile, [annotation, ["runtime/default", "docker/default"]]);
  });
  if (spec.os?.name === "windows") return;
  forEachContainer(spec, specPath, (container, path) => {
    const profile = container.securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
    if (profile === undefined) return;
    const annotation = annotations[podAnnotations.appArmorPrefix + container.name];
    if (annotation === undefined) return;
    const place = path().child("securityContext").child("appArmorProfile");
    checkProfilesMatch(errors, place, "apparmor", profile, [annotation, ["runtime/default"]]);
  });
}

/** @param annotated the annotation, and what in it stands for the runtime's own profile */
function checkProfilesMatch(
  errors: FieldError[],
  path: FieldPath,
  kind: "seccomp" | "apparmor",
  profile: SeccompProfile | AppArmorProfile,
  [annotation, defaults]: readonly [string | undefined, readonly string[]],
): void {
  if (annotation === undefined) return;
  const typeDiffers =
    (profile.type === "Unconfined" && annotation !== "unconfined") ||
    (profile.type === "RuntimeDefault" && !defaults.includes(annotation)) ||
    (profile.type === "Localhost" && !annotation.startsWith(localhostPrefix));
  if (typeDiffers)
    errors.push(fieldError.forbidden(path.child("type"), `${kind} type in annotation and field must match`));
  else if (profile.type === "Localhost" && annotation.slice(localhostPrefix.length) !== profile.localhostProfile)
    errors.push(
      fieldError.forbidden(path.child("localhostProfile"), `${kind} profile in annotation and field must match`),
    );
}

/** Annotations that stay as they were when the pod was made. */
export function checkPodAnnotationChanges(
  errors: FieldError[],
  path: FieldPath,
  annotations: Annotations = {},
  old: Annotations = {},
): void {
  for (const key of Object.keys(old)) {
    if (Object.hasOwn(annotations, key) && annotations[key] === old[key]) continue;
    if (key.startsWith(podAnnotations.appArmorPrefix))
      errors.push(fieldError.forbidden(path.key(key), "may not remove or update AppArmor annotations"));
    if (key === podAnnotations.mirror)
      errors.push(fieldError.forbidden(path.key(key), "may not remove or update mirror pod annotation"));
  }
  for (const key of Object.keys(annotations)) {
    if (Object.hasOwn(old, key)) continue;
    if (key.startsWith(podAnnotations.appArmorPrefix))
      errors.push(fieldError.forbidden(path.key(key), "may not add AppArmor annotations"));
    if (key === podAnnotations.mirror)
      errors.push(fieldError.forbidden(path.key(key), "may not add mirror pod annotation"));
  }
}
