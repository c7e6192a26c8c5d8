import { goQuote } from "../../../api/go-quote.ts";
import type { Volume, VolumeProjection } from "../../../api/types/core-v1.ts";

/** A file of a volume, and what it is made from when the volume has several sources. */
interface PlacedFile {
  readonly path: string;
  readonly source: string;
}

/** Says which files of a volume would be put on top of one another. */
export function warnOfOverlappingPaths(warnings: string[], volumes: readonly Volume[]): void {
  for (const volume of volumes) {
    const { configMap, secret, downwardAPI, projected } = volume;
    const warn = (kind: string, files: readonly PlacedFile[]): void => {
      for (const overlap of overlapsOf(files))
        warnings.push(`volume ${goQuote(volume.name)} (${kind}): overlapping paths: ${overlap}`);
    };
    if (configMap?.items !== undefined) warn(`ConfigMap ${goQuote(configMap.name ?? "")}`, filesOf(configMap.items));
    if (secret?.items !== undefined) warn(`Secret ${goQuote(secret.secretName ?? "")}`, filesOf(secret.items));
    if (downwardAPI?.items !== undefined) warn("DownwardAPI", filesOf(downwardAPI.items));
    if (projected === undefined) continue;
    const sources = projected.sources ?? [];
    for (const source of sources)
      if (Object.keys(source).length === 0)
        warnings.push(`volume ${goQuote(volume.name)} (Projected) has no sources provided`);
    warn("Projected", sources.flatMap(projectedFiles));
  }
}

function filesOf(items: readonly { readonly path: string }[], source = ""): readonly PlacedFile[] {
  return items.map(({ path }) => ({ path, source }));
}

function projectedFiles(projection: VolumeProjection): readonly PlacedFile[] {
  const { configMap, secret, downwardAPI, serviceAccountToken } = projection;
  if (configMap?.items !== undefined) return filesOf(configMap.items, `ConfigMap ${goQuote(configMap.name ?? "")}`);
  if (secret?.items !== undefined) return filesOf(secret.items, `Secret ${goQuote(secret.name ?? "")}`);
  if (downwardAPI?.items !== undefined) return filesOf(downwardAPI.items, "DownwardAPI");
  return serviceAccountToken === undefined ? [] : filesOf([serviceAccountToken], "ServiceAccountToken");
}

function overlapsOf(files: readonly PlacedFile[]): string[] {
  const overlaps: string[] = [];
  const before: PlacedFile[] = [];
  for (const { path, source } of files) {
    const file = { path: path.replace(/\/+$/, ""), source };
    for (const other of before)
      if (file.path !== "" && other.path !== "" && isInside(file.path, other.path))
        overlaps.push(`${describeFile(file)} with ${describeFile(other)}`);
    before.push(file);
  }
  return overlaps;
}

function isInside(a: string, b: string): boolean {
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);
}

function describeFile({ path, source }: PlacedFile): string {
  return source === "" ? goQuote(path) : `${goQuote(path)} (${source})`;
}
