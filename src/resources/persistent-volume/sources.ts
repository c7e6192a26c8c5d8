import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../api/names.ts";
import type {
  CSIPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  LocalVolumeSource,
  PersistentVolume,
  PersistentVolumeSource,
  PersistentVolumeSpec,
  SecretReference,
  VolumeNodeAffinity,
} from "../../api/types/core-v1.ts";
import { utf8Length } from "../../api/utf8.ts";
import { addFaults, requireName, requireText } from "../field-checks.ts";
import { checkNoBacksteps } from "../pod/validation/paths.ts";
import {
  checkAzureDisk,
  checkCsiDriverName,
  checkFibreChannel,
  checkFlex,
  checkFlocker,
  checkHostPath,
  checkIscsi,
  checkNfs,
  checkPartition,
  checkQuobyte,
  checkStorageOs,
  requireTexts,
} from "../volume/disks.ts";

type Check<K extends keyof PersistentVolumeSource> = (
  errors: FieldError[],
  path: FieldPath,
  source: NonNullable<PersistentVolumeSource[K]>,
  volume: VolumeAround,
) => void;

/** What a source is checked against. */
interface VolumeAround {
  readonly name: string;
  readonly nodeAffinity?: VolumeNodeAffinity;
}

/** One kind of source: its field, and where its errors are said to be when that is somewhere else. */
interface SourceCheck<K extends keyof PersistentVolumeSource = keyof PersistentVolumeSource> {
  readonly field: K;
  readonly place?: string;
  readonly surplusPlace?: string;
  readonly check: Check<K>;
}

const specPath = FieldPath.of("spec");
const maxIscsiNameBytes = 64;
const nameAndTarget =
  "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";

/** Checks where a persistent volume is: in one place, and no more. */
export function checkVolumeSource(errors: FieldError[], { metadata, spec }: PersistentVolume): void {
  const around = { name: metadata.name, ...(spec.nodeAffinity && { nodeAffinity: spec.nodeAffinity }) };
  let isFirst = true;
  for (const { field, place, surplusPlace, check } of sourceChecks) {
    const source = spec[field];
    if (source === undefined) continue;
    // Flexible volumes are let pass beside others.
    if (isFirst || field === "flexVolume")
      (check as Check<keyof PersistentVolumeSource>)(errors, specPath.child(place ?? field), source, around);
    else
      errors.push(
        fieldError.forbidden(specPath.child(surplusPlace ?? field), "may not specify more than 1 volume type"),
      );
    isFirst = false;
  }
  if (isFirst) errors.push(fieldError.required(specPath, "must specify a volume type"));
}

/** The fields of a spec that say where the volume is. */
export function sourceFieldsOf(spec: PersistentVolumeSpec): PersistentVolumeSource {
  const sources: Partial<Record<keyof PersistentVolumeSource, unknown>> = {};
  for (const { field } of sourceChecks) if (spec[field] !== undefined) sources[field] = spec[field];
  return sources as PersistentVolumeSource;
}

function sourceCheck<K extends keyof PersistentVolumeSource>(
  field: K,
  check: Check<K>,
  places: { readonly place?: string; readonly surplusPlace?: string } = {},
): SourceCheck {
  return { field, check, ...places } as unknown as SourceCheck;
}

/** Sources that need no more than some texts. */
function requiring<K extends keyof PersistentVolumeSource>(
  field: K,
  ...names: readonly (keyof NonNullable<PersistentVolumeSource[K]> & string)[]
): SourceCheck {
  return sourceCheck(field, (errors, path, source) => requireTexts(errors, path, source, names));
}

const sourceChecks: readonly SourceCheck[] = [
  sourceCheck("hostPath", checkHostPath),
  sourceCheck(
    "gcePersistentDisk",
    (errors, path, source) => {
      requireText(errors, path.child("pdName"), source.pdName);
      checkPartition(errors, path, source.partition);
    },
    { place: "persistentDisk" },
  ),
  sourceCheck("awsElasticBlockStore", (errors, path, source) => {
    requireText(errors, path.child("volumeID"), source.volumeID);
    checkPartition(errors, path, source.partition);
  }),
  sourceCheck("glusterfs", checkGlusterfs),
  sourceCheck("flocker", checkFlocker),
  sourceCheck("nfs", checkNfs),
  sourceCheck("rbd", (errors, path, source) => {
    requireMonitors(errors, path, source.monitors);
    requireText(errors, path.child("image"), source.image);
  }),
  sourceCheck("quobyte", checkQuobyte),
  sourceCheck("cephfs", (errors, path, source) => requireMonitors(errors, path, source.monitors), {
    surplusPlace: "cephFS",
  }),
  sourceCheck("iscsi", checkIscsiVolume),
  sourceCheck("cinder", (errors, path, source) => {
    requireText(errors, path.child("volumeID"), source.volumeID);
    requireSecret(errors, path.child("secretRef"), source.secretRef);
  }),
  sourceCheck("fc", checkFibreChannel),
  sourceCheck("flexVolume", checkFlex),
  sourceCheck("azureFile", (errors, path, source) => {
    requireTexts(errors, path, source, ["secretName", "shareName"]);
    if (source.secretNamespace === "") errors.push(fieldError.required(path.child("secretNamespace")));
  }),
  requiring("vsphereVolume", "volumePath"),
  requiring("photonPersistentDisk", "pdID"),
  requiring("portworxVolume", "volumeID"),
  sourceCheck("azureDisk", checkAzureDisk),
  requiring("scaleIO", "gateway", "system", "volumeName"),
  sourceCheck("local", (errors, path, source, volume) => {
    checkLocal(errors, path, source);
    if (volume.nodeAffinity === undefined)
      errors.push(fieldError.required(specPath.child("nodeAffinity"), "Local volume requires node affinity"));
  }),
  sourceCheck("storageos", (errors, path, source) => {
    checkStorageOs(errors, path, source);
    requireSecret(errors, path.child("secretRef"), source.secretRef);
  }),
  sourceCheck("csi", checkCsi),
];

function requireMonitors(errors: FieldError[], path: FieldPath, monitors: readonly string[] | null): void {
  if ((monitors ?? []).length === 0) errors.push(fieldError.required(path.child("monitors")));
}

function requireSecret(errors: FieldError[], path: FieldPath, secret: SecretReference | undefined): void {
  if (secret !== undefined) requireTexts(errors, path, secret, ["name", "namespace"]);
}

function checkGlusterfs(errors: FieldError[], path: FieldPath, source: GlusterfsPersistentVolumeSource): void {
  requireTexts(errors, path, source, ["endpoints", "path"]);
  const { endpointsNamespace: namespace } = source;
  const place = path.child("endpointsNamespace");
  if (namespace === "")
    errors.push(
      fieldError.invalid(place, namespace, "if the endpointnamespace is set, it must be a valid namespace name"),
    );
  else if (namespace !== undefined) addFaults(errors, place, namespace, checkDnsLabel(namespace));
}

function checkIscsiVolume(
  errors: FieldError[],
  path: FieldPath,
  source: ISCSIPersistentVolumeSource,
  { name }: VolumeAround,
): void {
  requireText(errors, path.child("targetPortal"), source.targetPortal);
  const isLong = utf8Length(`${name}:${source.targetPortal}`) > maxIscsiNameBytes;
  if (source.initiatorName !== undefined && isLong)
    errors.push(fieldError.invalid(path.child("targetportal"), source.targetPortal, nameAndTarget));
  checkIscsi(errors, path, source, false);
}

function checkLocal(errors: FieldError[], path: FieldPath, source: LocalVolumeSource): void {
  if (requireText(errors, path.child("path"), source.path)) checkNoBacksteps(errors, path.child("path"), source.path);
}

function checkCsi(errors: FieldError[], path: FieldPath, source: CSIPersistentVolumeSource): void {
  checkCsiDriverName(errors, path.child("driver"), source.driver);
  requireText(errors, path.child("volumeHandle"), source.volumeHandle);
  for (const use of [
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeExpandSecretRef",
  ] as const) {
    const secret = source[use];
    if (secret === undefined) continue;
    requireName(errors, path.child(use).child("name"), secret.name, checkDnsSubdomain);
    requireName(errors, path.child(use).child("namespace"), secret.namespace, checkDnsLabel);
  }
}
