import type { Draft } from "../../api/draft.ts";
import type { PodSpec } from "../../api/types/core-v1.ts";

/**
 * Takes away fields of features that v1.36 turns off unless asked to, so that they do nothing rather than something
 * else than upstream; what the old object has already stays.
 */
export function dropDisabledFields(spec: Draft<PodSpec>, old: PodSpec | undefined): void {
  if (old?.schedulingGroup === undefined) delete spec.schedulingGroup;
  if (!usesStopSignals(old)) dropStopSignals(spec);
  for (const source of ["clusterTrustBundle", "podCertificate"] as const)
    if (!usesProjection(old, source))
      for (const volume of spec.volumes ?? [])
        for (const projection of volume.projected?.sources ?? []) delete projection[source];
}

function dropStopSignals(spec: Draft<PodSpec>): void {
  for (const list of [spec.initContainers, spec.containers, spec.ephemeralContainers])
    for (const container of list ?? []) {
      if (container.lifecycle?.stopSignal === undefined) continue;
      delete container.lifecycle.stopSignal;
      if (Object.keys(container.lifecycle).length === 0) delete container.lifecycle;
    }
}

function usesStopSignals(spec: PodSpec | undefined): boolean {
  return [spec?.initContainers, spec?.containers, spec?.ephemeralContainers].some(
    (list) => list?.some((container) => container.lifecycle?.stopSignal !== undefined) ?? false,
  );
}

function usesProjection(spec: PodSpec | undefined, source: "clusterTrustBundle" | "podCertificate"): boolean {
  return (
    spec?.volumes?.some(
      (volume) => volume.projected?.sources?.some((projection) => projection[source] !== undefined) ?? false,
    ) ?? false
  );
}
