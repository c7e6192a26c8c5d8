import type { Draft } from "../../api/draft.ts";
import type { PersistentVolumeClaimSpec, TypedLocalObjectReference } from "../../api/types/core-v1.ts";

/**
 * Takes away data sources that mean nothing: those in other namespaces, a feature that v1.36 turns off unless asked
 * to, and in the older field all but claims and snapshots. What the old claim has stays.
 */
export function dropDataSources(
  spec: Draft<PersistentVolumeClaimSpec>,
  old: PersistentVolumeClaimSpec | undefined,
): void {
  if ((spec.dataSourceRef?.namespace ?? "") !== "" && old?.dataSourceRef === undefined) delete spec.dataSourceRef;
  if (old?.dataSource !== undefined || old?.dataSourceRef !== undefined || spec.dataSourceRef !== undefined) return;
  if (spec.dataSource !== undefined && !isClaimOrSnapshot(spec.dataSource)) delete spec.dataSource;
}

/** Has both fields for the data source say the same when only one says anything. */
export function alignDataSources(spec: Draft<PersistentVolumeClaimSpec>): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined && dataSourceRef === undefined) spec.dataSourceRef = { ...dataSource };
  if (dataSourceRef === undefined || dataSource !== undefined || (dataSourceRef.namespace ?? "") !== "") return;
  const { namespace: _none, ...source } = dataSourceRef;
  spec.dataSource = source;
}

function isClaimOrSnapshot({ apiGroup, kind }: TypedLocalObjectReference): boolean {
  return (
    (kind === "PersistentVolumeClaim" && (apiGroup ?? "") === "") ||
    (kind === "VolumeSnapshot" && apiGroup === "snapshot.storage.k8s.io")
  );
}
