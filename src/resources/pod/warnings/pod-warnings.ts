import { FieldPath } from "../../../api/field-error.ts";
import { goQuote } from "../../../api/go-quote.ts";
import { checkDnsLabel } from "../../../api/names.ts";
import type { Pod, PodAffinityTerm, PodSpec, PodTemplateSpec, Volume } from "../../../api/types/core-v1.ts";
import type { ObjectMeta } from "../../../api/types/meta-v1.ts";
import { sameValue } from "../../field-checks.ts";
import { warnOfIpAddress } from "../../ip-address.ts";
import { nodeLabelDeprecation, warnOfNodeSelectorTerm } from "../../node/label-warnings.ts";
import { appArmorFromAnnotation } from "../app-armor.ts";
import { podAnnotations } from "../validation/annotations.ts";
import { forEachContainer } from "../validation/each-container.ts";
import { warnOfContainers } from "./container-warnings.ts";
import { warnOfFractions } from "./fraction-warnings.ts";
import { warnOfOverlappingPaths } from "./path-warnings.ts";

const annotationDeprecations: readonly (readonly [string, string])[] = [
  ["scheduler.alpha.kubernetes.io/critical-pod", 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ["security.alpha.kubernetes.io/sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'],
  ["security.alpha.kubernetes.io/unsafe-sysctls", 'non-functional in v1.11+; use the "sysctls" field instead'],
];

/** Volume sources that are on their way out, or do nothing any more. */
const volumeDeprecations: readonly (readonly [keyof Volume, string, string])[] = [
  ["photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["gitRepo", "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"],
  ["scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"],
  ["storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"],
  ["quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["ephemeral", "ephemeral", ""],
  ["cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"],
];

/** Where a spec and its metadata stand: at the top of a pod, or inside a template. */
interface Places {
  readonly spec: FieldPath;
  readonly annotations: FieldPath;
}

/** What to warn of when a pod is created. Changes of pods are the work of programs, and warn of nothing. */
export function warnOfPod(pod: Pod, old: Pod | undefined): readonly string[] {
  if (old !== undefined) return [];
  const warnings: string[] = [];
  const faults = checkDnsLabel(pod.metadata.name);
  if (faults.length > 0)
    warnings.push(
      "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; " +
        `a DNS label is recommended: [${faults.join(" ")}]`,
    );
  const places = { spec: FieldPath.of("spec"), annotations: FieldPath.of("metadata").child("annotations") };
  addWarnings(warnings, places, pod.spec, pod.metadata);
  return [...new Set(warnings)];
}

/** What to warn of in a template. @param path of the template */
export function warnOfPodTemplate(path: FieldPath, template: PodTemplateSpec): readonly string[] {
  const warnings: string[] = [];
  const places = { spec: path.child("spec"), annotations: path.child("metadata").child("annotations") };
  addWarnings(warnings, places, template.spec, template.metadata);
  warnOfAppArmorAnnotations(warnings, places, template.spec, template.metadata);
  return [...new Set(warnings)];
}

function addWarnings(warnings: string[], places: Places, spec: PodSpec, metadata: ObjectMeta): void {
  warnOfNodeLabels(warnings, places.spec, spec);
  for (const [index, constraint] of (spec.topologySpreadConstraints ?? []).entries()) {
    const entry = places.spec.child("topologySpreadConstraints").index(index);
    const { topologyKey, labelSelector } = constraint;
    const deprecation = nodeLabelDeprecation(topologyKey);
    if (deprecation !== undefined) warnings.push(`${entry.child("topologyKey")}: ${topologyKey} is ${deprecation}`);
    if (labelSelector === undefined) warnings.push(nullSelector(entry.child("labelSelector")));
  }
  const annotations = metadata.annotations ?? {};
  for (const [key, message] of annotationDeprecations)
    if (Object.hasOwn(annotations, key)) warnings.push(`${places.annotations.key(key)}: ${message}`);
  if (spec.volumes !== undefined) warnOfVolumes(warnings, places.spec.child("volumes"), spec.volumes);
  warnOfDuplicates(warnings, places.spec, spec);
  for (const name of ["memory", "ephemeral-storage"])
    if (spec.overhead !== undefined) warnOfFractions(warnings, places.spec.child("overhead"), spec.overhead, name);
  const seccompKey = podAnnotations.seccompPod;
  if (spec.securityContext?.seccompProfile === undefined && Object.hasOwn(annotations, seccompKey))
    warnings.push(seccompWarning(places, seccompKey));
  forEachContainer(spec, places.spec, (container) => {
    const key = podAnnotations.seccompContainerPrefix + container.name;
    if (container.securityContext?.seccompProfile === undefined && Object.hasOwn(annotations, key))
      warnings.push(seccompWarning(places, key));
  });
  warnOfContainers(warnings, places.spec, spec);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    warnings.push(
      `${places.spec.child("terminationGracePeriodSeconds")}: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  warnOfPodAffinity(warnings, places.spec.child("affinity"), spec);
  for (const [index, address] of (spec.dnsConfig?.nameservers ?? []).entries())
    warnings.push(...warnOfIpAddress(places.spec.child("dnsConfig").child("nameservers").index(index), address));
  for (const [index, { ip }] of (spec.hostAliases ?? []).entries())
    warnings.push(...warnOfIpAddress(places.spec.child("hostAliases").index(index).child("ip"), ip));
}

function seccompWarning(places: Places, key: string): string {
  return `${places.annotations.key(key)}: non-functional in v1.27+; use the "seccompProfile" field instead`;
}

function nullSelector(path: FieldPath): string {
  return `${path}: a null labelSelector results in matching no pod`;
}

function warnOfNodeLabels(warnings: string[], path: FieldPath, spec: PodSpec): void {
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const deprecation = nodeLabelDeprecation(key);
    if (deprecation !== undefined) warnings.push(`${path.child("nodeSelector").key(key)}: ${deprecation}`);
  }
  const affinity = spec.affinity?.nodeAffinity;
  if (affinity === undefined) return;
  const affinityPath = path.child("affinity").child("nodeAffinity");
  const required = affinityPath.child("requiredDuringSchedulingIgnoredDuringExecution").child("nodeSelectorTerms");
  const terms = affinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const [index, term] of terms.entries()) warnOfNodeSelectorTerm(warnings, required.index(index), term, false);
  const preferred = affinityPath.child("preferredDuringSchedulingIgnoredDuringExecution");
  for (const [index, term] of (affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries())
    warnOfNodeSelectorTerm(warnings, preferred.index(index).child("preference"), term.preference, true);
}

function warnOfVolumes(warnings: string[], path: FieldPath, volumes: readonly Volume[]): void {
  for (const [index, volume] of volumes.entries())
    for (const [field, name, message] of volumeDeprecations) {
      if (volume[field] === undefined) continue;
      const place = path.index(index).child(name);
      if (field !== "ephemeral") warnings.push(`${place}: ${message}`);
      else warnOfClaim(warnings, place.child("volumeClaimTemplate").child("spec"), volume);
    }
  warnOfOverlappingPaths(warnings, volumes);
}

function warnOfClaim(warnings: string[], path: FieldPath, volume: Volume): void {
  const resources = volume.ephemeral?.volumeClaimTemplate?.spec.resources ?? {};
  for (const list of ["requests", "limits"] as const)
    warnOfFractions(warnings, path.child("resources").child(list), resources[list] ?? {}, "storage");
}

function warnOfDuplicates(warnings: string[], path: FieldPath, spec: PodSpec): void {
  const addresses = new Set<string>();
  for (const [index, { ip }] of (spec.hostAliases ?? []).entries()) {
    if (addresses.has(ip))
      warnings.push(`${path.child("hostAliases").index(index).child("ip")}: duplicate ip ${goQuote(ip)}`);
    addresses.add(ip);
  }
  const secrets = new Set<string>();
  const pullSecrets = spec.imagePullSecrets ?? [];
  const place = (index: number): FieldPath => path.child("imagePullSecrets").index(index).child("name");
  for (const [index, { name = "" }] of pullSecrets.entries()) {
    if (secrets.has(name)) warnings.push(`${place(index)}: duplicate name ${goQuote(name)}`);
    secrets.add(name);
  }
  for (const [index, { name = "" }] of pullSecrets.entries())
    if (name === "") warnings.push(`${place(index)}: invalid empty name ""`);
}

function warnOfPodAffinity(warnings: string[], path: FieldPath, spec: PodSpec): void {
  for (const kind of ["podAffinity", "podAntiAffinity"] as const) {
    const affinity = spec.affinity?.[kind];
    const warn = (place: FieldPath, term: PodAffinityTerm): void => {
      if (term.labelSelector === undefined) warnings.push(nullSelector(place.child("labelSelector")));
    };
    const required = path.child(kind).child("requiredDuringSchedulingIgnoredDuringExecution");
    for (const [index, term] of (affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries())
      warn(required.index(index), term);
    const preferred = path.child(kind).child("preferredDuringSchedulingIgnoredDuringExecution");
    for (const [index, term] of (affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries())
      warn(preferred.index(index).child("podAffinityTerm"), term.podAffinityTerm);
  }
}

/** In pods the annotation becomes the field; in templates it stays, and says nothing that the field does not. */
function warnOfAppArmorAnnotations(warnings: string[], places: Places, spec: PodSpec, metadata: ObjectMeta): void {
  forEachContainer(spec, places.spec, (container) => {
    const key = podAnnotations.appArmorPrefix + container.name;
    const annotation = metadata.annotations?.[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) return;
    const ofPod = spec.securityContext?.appArmorProfile;
    if (ofPod === undefined || !sameValue(ofPod, appArmorFromAnnotation(annotation)))
      warnings.push(`${places.annotations.key(key)}: deprecated since v1.30; use the "appArmorProfile" field instead`);
  });
}
