/** Checks of the volume sources that pods and persistent volumes have in common. */
import { type FieldError, type FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../api/names.ts";
import type {
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  HostPathVolumeSource,
  ISCSIVolumeSource,
  NFSVolumeSource,
  QuobyteVolumeSource,
} from "../../api/types/core-v1.ts";
import { utf8Length } from "../../api/utf8.ts";
import { addFaults, rangeFault, requireOneOf, requireText } from "../field-checks.ts";
import { checkNoBacksteps } from "../pod/validation/paths.ts";

const hostPathTypes = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];
const cachingModes = ["None", "ReadOnly", "ReadWrite"];
const diskKinds = ["Dedicated", "Managed", "Shared"];
const managedDiskUri =
  "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const blobDiskUri = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
const maxCsiDriverBytes = 63;
const maxQuobyteTenantBytes = 64;
const maxPartition = 255;
const maxLun = 255;

/** Requires each of the named texts. */
export function requireTexts<T extends object>(
  errors: FieldError[],
  path: FieldPath,
  source: T,
  names: readonly (keyof T & string)[],
): void {
  for (const name of names) requireText(errors, path.child(name), source[name] as string | undefined);
}

export function checkHostPath(errors: FieldError[], path: FieldPath, source: HostPathVolumeSource): void {
  if (!requireText(errors, path.child("path"), source.path)) return;
  checkNoBacksteps(errors, path.child("path"), source.path);
  if (source.type !== undefined) requireOneOf(errors, path.child("type"), source.type, hostPathTypes);
}

export function checkNfs(errors: FieldError[], path: FieldPath, source: NFSVolumeSource): void {
  requireTexts(errors, path, source, ["server", "path"]);
  if (!source.path.startsWith("/"))
    errors.push(fieldError.invalid(path.child("path"), source.path, "must be an absolute path"));
}

/** A disk with a partition, 0 being all of it. */
export function checkPartition(errors: FieldError[], path: FieldPath, partition = 0): void {
  if (partition < 0 || partition > maxPartition)
    errors.push(fieldError.invalid(path.child("partition"), partition, rangeFault(1, maxPartition)));
}

/** What iSCSI volumes of pods and persistent volumes share. */
type IscsiSource = Omit<ISCSIVolumeSource, "secretRef"> & { readonly secretRef?: { readonly name?: string } };

/** @param detailed pods are told more of what a name must look like than persistent volumes */
export function checkIscsi(errors: FieldError[], path: FieldPath, source: IscsiSource, detailed: boolean): void {
  const malformed = detailed ? "must be valid format starting with iqn, eui, or naa" : "must be valid format";
  if (requireText(errors, path.child("iqn"), source.iqn))
    addFaults(errors, path.child("iqn"), source.iqn, iscsiNameFaults(source.iqn, malformed));
  if (source.lun < 0 || source.lun > maxLun)
    errors.push(fieldError.invalid(path.child("lun"), source.lun, rangeFault(0, maxLun)));
  if ((source.chapAuthDiscovery === true || source.chapAuthSession === true) && source.secretRef === undefined)
    errors.push(fieldError.required(path.child("secretRef")));
  if (!detailed && source.secretRef !== undefined)
    requireText(errors, path.child("secretRef").child("name"), source.secretRef.name);
  if (source.initiatorName !== undefined)
    addFaults(
      errors,
      path.child("initiatorname"),
      source.initiatorName,
      iscsiNameFaults(source.initiatorName, malformed),
    );
}

function iscsiNameFaults(name: string, malformed: string): string[] {
  if (name.startsWith("iqn")) return /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/.test(name) ? [] : fault;
  if (name.startsWith("eui")) return /^eui.[A-Za-z0-9]{16}$/.test(name) ? [] : fault;
  if (name.startsWith("naa")) return /^naa.[A-Za-z0-9]{32}$/.test(name) ? [] : fault;
  return [malformed];
}

const fault = ["must be valid format"];

export function checkFibreChannel(errors: FieldError[], path: FieldPath, source: FCVolumeSource): void {
  const { targetWWNs = [], wwids = [], lun } = source;
  const place = path.child("targetWWNs");
  if (targetWWNs.length === 0 && wwids.length === 0)
    errors.push(fieldError.required(place, "must specify either targetWWNs or wwids, but not both"));
  if (targetWWNs.length === 0) return;
  if (wwids.length > 0)
    errors.push(fieldError.invalid(place, targetWWNs, "targetWWNs and wwids can not be specified simultaneously"));
  if (lun === undefined)
    errors.push(fieldError.required(path.child("lun"), "lun is required if targetWWNs is specified"));
  else if (lun < 0 || lun > maxLun) errors.push(fieldError.invalid(path.child("lun"), lun, rangeFault(0, maxLun)));
}

export function checkFlocker(errors: FieldError[], path: FieldPath, source: FlockerVolumeSource): void {
  const { datasetName = "", datasetUUID = "" } = source;
  if (datasetName === "" && datasetUUID === "")
    errors.push(fieldError.required(path, "one of datasetName and datasetUUID is required"));
  if (datasetName !== "" && datasetUUID !== "")
    errors.push(
      fieldError.invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously"),
    );
  if (datasetName.includes("/"))
    errors.push(fieldError.invalid(path.child("datasetName"), datasetName, "must not contain '/'"));
}

export function checkQuobyte(errors: FieldError[], path: FieldPath, source: QuobyteVolumeSource): void {
  const rule = "must be a host:port pair or multiple pairs separated by commas";
  if (requireText(errors, path.child("registry"), source.registry, rule)) {
    if (utf8Length(source.tenant ?? "") > maxQuobyteTenantBytes)
      errors.push(
        fieldError.required(
          path.child("tenant"),
          `must be a UUID and may not exceed a length of ${maxQuobyteTenantBytes} characters`,
        ),
      );
    else
      for (const pair of source.registry.split(","))
        if (!/^(?:\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/.test(pair))
          errors.push(fieldError.invalid(path.child("registry"), source.registry, rule));
  }
  requireText(errors, path.child("volume"), source.volume);
}

export function checkAzureDisk(errors: FieldError[], path: FieldPath, source: AzureDiskVolumeSource): void {
  const { cachingMode, kind, diskURI } = source;
  requireTexts(errors, path, source, ["diskName", "diskURI"]);
  if (cachingMode !== undefined) requireOneOf(errors, path.child("cachingMode"), cachingMode, cachingModes);
  if (kind === undefined) return;
  requireOneOf(errors, path.child("kind"), kind, diskKinds);
  if (kind === "Managed" && !diskURI.startsWith("/subscriptions/"))
    errors.push(fieldError.notSupported(path.child("diskURI"), diskURI, [managedDiskUri]));
  if (kind !== "Managed" && !diskURI.startsWith("https://"))
    errors.push(fieldError.notSupported(path.child("diskURI"), diskURI, [blobDiskUri]));
}

/** What flexible volumes of pods and persistent volumes share. */
interface FlexSource {
  readonly driver: string;
  readonly options?: Readonly<Record<string, string>>;
}

export function checkFlex(errors: FieldError[], path: FieldPath, source: FlexSource): void {
  requireText(errors, path.child("driver"), source.driver);
  for (const key of Object.keys(source.options ?? {})) {
    const domain = `.${key.split("/", 1)[0]?.toLowerCase()}`;
    const isReserved = domain.endsWith(".kubernetes.io") || domain.endsWith(".k8s.io");
    if (isReserved)
      errors.push(
        fieldError.invalid(path.child("options").key(key), key, "kubernetes.io and k8s.io namespaces are reserved"),
      );
  }
}

/** What StorageOS volumes of pods and persistent volumes share. */
interface StorageOsSource {
  readonly volumeName?: string;
  readonly volumeNamespace?: string;
}

export function checkStorageOs(errors: FieldError[], path: FieldPath, source: StorageOsSource): void {
  const { volumeName = "", volumeNamespace = "" } = source;
  if (requireText(errors, path.child("volumeName"), volumeName))
    addFaults(errors, path.child("volumeName"), volumeName, checkDnsLabel(volumeName));
  if (volumeNamespace !== "")
    addFaults(errors, path.child("volumeNamespace"), volumeNamespace, checkDnsLabel(volumeNamespace));
}

/** The name of a CSI driver: a domain name, in any letters. */
export function checkCsiDriverName(errors: FieldError[], path: FieldPath, name: string): void {
  if (!requireText(errors, path, name)) return;
  if (utf8Length(name) > maxCsiDriverBytes) errors.push(fieldError.tooLong(path, maxCsiDriverBytes));
  addFaults(errors, path, name, checkDnsSubdomain(name.toLowerCase()));
}
