import type {
  ConfigMap,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  ProjectedVolumeSource,
  Secret,
  ServiceAccountTokenProjection,
} from "../../api/types/core-v1.ts";
import type { ResourceList } from "../../resources/resource-list.ts";
import { decodeBase64 } from "../environment/container-environment.ts";
import { metadataValue } from "../environment/field-values.ts";
import { resourceFieldValue } from "../environment/resource-values.ts";
import { messageOf } from "../pods/error-words.ts";
import { VolumeError, type VolumeFile } from "../volumes.ts";

/** What files of volumes are made from. Everything belongs to the pod's namespace. */
export interface FileSources {
  readonly configMap: (name: string) => ConfigMap | undefined;
  readonly secret: (name: string) => Secret | undefined;
  /** A token fetched beforehand. @throws when fetching it failed */
  readonly token: (projection: ServiceAccountTokenProjection) => string;
  readonly nodeAllocatable: ResourceList;
}

/** Which keys become which files; no items: every key under its own name. */
interface KeySource {
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

const encoder = new TextEncoder();

/** @throws {VolumeError} when the ConfigMap or one of its keys is missing and not optional */
export function configMapFiles(
  name: string,
  source: KeySource,
  defaultMode: number,
  sources: Pick<FileSources, "configMap">,
): VolumeFile[] {
  const configMap = sources.configMap(name);
  if (configMap === undefined && source.optional !== true) throw new VolumeError(`configmap "${name}" not found`);
  const contents = new Map<string, Uint8Array>();
  for (const key of Object.keys(configMap?.data ?? {})) contents.set(key, encoder.encode(configMap?.data?.[key]));
  for (const key of Object.keys(configMap?.binaryData ?? {}))
    if (!contents.has(key)) contents.set(key, decodeBase64(configMap?.binaryData?.[key] ?? ""));
  return keyFiles(contents, source, defaultMode, (key) => `configmap references non-existent config key: ${key}`);
}

/** @throws {VolumeError} when the Secret or one of its keys is missing and not optional */
export function secretFiles(
  name: string,
  source: KeySource,
  defaultMode: number,
  sources: Pick<FileSources, "secret">,
): VolumeFile[] {
  const secret = sources.secret(name);
  if (secret === undefined && source.optional !== true) throw new VolumeError(`secret "${name}" not found`);
  const contents = new Map<string, Uint8Array>();
  for (const key of Object.keys(secret?.data ?? {})) contents.set(key, decodeBase64(secret?.data?.[key] ?? ""));
  return keyFiles(contents, source, defaultMode, (key) => `references non-existent secret key: ${key}`);
}

/** @throws {VolumeError} when a field does not exist */
export function downwardFiles(
  pod: Pod,
  items: readonly DownwardAPIVolumeFile[] | undefined,
  defaultMode: number,
  sources: Pick<FileSources, "nodeAllocatable">,
): VolumeFile[] {
  const failures: string[] = [];
  const files = (items ?? []).map((item): VolumeFile => {
    let text = "";
    try {
      if (item.fieldRef !== undefined) text = metadataValue(pod, item.fieldRef.fieldPath);
      else if (item.resourceFieldRef !== undefined)
        text = resourceFieldValue(pod, undefined, item.resourceFieldRef, sources.nodeAllocatable);
    } catch (error) {
      failures.push(messageOf(error));
    }
    return { path: cleanPath(item.path), content: encoder.encode(text), mode: item.mode ?? defaultMode };
  });
  throwAny(failures);
  return files;
}

/**
 * The files of all sources together; where two claim a path the later wins.
 * @param tokenOwner who owns tokens when all containers of the pod run as one user
 * @throws {VolumeError} with everything that is missing
 */
export function projectedFiles(
  pod: Pod,
  source: ProjectedVolumeSource,
  sources: FileSources,
  tokenOwner: number | undefined,
): VolumeFile[] {
  const defaultMode = source.defaultMode ?? defaultFileMode;
  const hasOwner = tokenOwner !== undefined || pod.spec.securityContext?.fsGroup !== undefined;
  const failures: string[] = [];
  const files = new Map<string, VolumeFile>();
  for (const projection of source.sources ?? []) {
    try {
      const { secret, configMap, downwardAPI, serviceAccountToken } = projection;
      let made: VolumeFile[] = [];
      if (secret !== undefined) made = secretFiles(secret.name ?? "", secret, defaultMode, sources);
      else if (configMap !== undefined) made = configMapFiles(configMap.name ?? "", configMap, defaultMode, sources);
      else if (downwardAPI !== undefined) made = downwardFiles(pod, downwardAPI.items, defaultMode, sources);
      else if (serviceAccountToken !== undefined) {
        const content = encoder.encode(sources.token(serviceAccountToken));
        const mode = hasOwner ? ownerOnlyMode : defaultMode;
        const owner = tokenOwner === undefined ? {} : { uid: tokenOwner };
        made = [{ path: serviceAccountToken.path, content, mode, ...owner }];
      } else throw new VolumeError(unsupportedProjection(projection));
      for (const file of made) files.set(file.path, file);
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throwAny(failures);
  return [...files.values()];
}

/** What files get whose volume does not say. */
export const defaultFileMode = 0o644;
const ownerOnlyMode = 0o600;

function unsupportedProjection(projection: object): string {
  const kind = Object.keys(projection)[0] ?? "empty";
  return `projected volume source ${kind} is not supported by this node`;
}

function keyFiles(
  contents: ReadonlyMap<string, Uint8Array>,
  source: KeySource,
  defaultMode: number,
  missing: (key: string) => string,
): VolumeFile[] {
  const items = source.items ?? [];
  if (items.length === 0) return [...contents].map(([path, content]) => ({ path, content, mode: defaultMode }));
  return items.flatMap((item) => {
    const content = contents.get(item.key);
    if (content !== undefined) return [{ path: item.path, content, mode: item.mode ?? defaultMode }];
    if (source.optional === true) return [];
    throw new VolumeError(missing(item.key));
  });
}

/** Several failures are shown together, as upstream's aggregates are. */
function throwAny(failures: readonly string[]): void {
  const distinct = [...new Set(failures)];
  if (distinct.length === 1) throw new VolumeError(distinct[0]);
  if (distinct.length > 1) throw new VolumeError(`[${distinct.join(", ")}]`);
}

function cleanPath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}
