import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { goQuote } from "../../../api/go-quote.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../../api/names.ts";
import type {
  CSIVolumeSource,
  EphemeralVolumeSource,
  ISCSIVolumeSource,
  Volume,
  VolumeSource,
} from "../../../api/types/core-v1.ts";
import type { ObjectMeta } from "../../../api/types/meta-v1.ts";
import { utf8Length } from "../../../api/utf8.ts";
import { addFaults, checkAnnotations, checkLabels, requireName, requireText } from "../../field-checks.ts";
import { checkClaimSpec } from "../../persistent-volume-claim/claim-spec.ts";
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
} from "../../volume/disks.ts";
import { checkPullPolicy } from "./containers.ts";
import { checkItems } from "./items.ts";
import { checkDescendingPath, checkFileMode } from "./paths.ts";
import { checkDownwardFile, checkProjected } from "./projected.ts";
import type { PodRules } from "./rules.ts";

/** What a volume source is checked against. */
interface VolumeSurroundings {
  readonly volumeName: string;
  /** Empty for templates and for names still to be generated. */
  readonly podName: string;
  readonly rules: PodRules;
}

type Check<K extends keyof VolumeSource> = (
  errors: FieldError[],
  path: FieldPath,
  source: NonNullable<VolumeSource[K]>,
  around: VolumeSurroundings,
) => void;

/** One kind of source: its field, and where its errors are said to be when that is somewhere else. */
interface SourceCheck<K extends keyof VolumeSource = keyof VolumeSource> {
  readonly field: K;
  readonly place?: string;
  readonly surplusPlace?: string;
  readonly check: Check<K>;
}

const maxIscsiNameBytes = 64;
const nameAndTarget =
  "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";

/**
 * Checks a pod's volumes.
 * @param metadata of the pod; undefined for templates
 * @returns the volumes without errors, by name
 */
export function checkVolumes(
  errors: FieldError[],
  path: FieldPath,
  volumes: readonly Volume[],
  metadata: ObjectMeta | undefined,
  rules: PodRules,
): ReadonlyMap<string, Volume> {
  const sound = new Map<string, Volume>();
  if (volumes.length === 0) return sound;
  const podName = metadata?.name ?? "";
  const ownClaims = new Set<string>();
  if (podName !== "")
    for (const volume of volumes) if (volume.ephemeral !== undefined) ownClaims.add(`${podName}-${volume.name}`);
  for (const [index, volume] of volumes.entries()) {
    const entry = path.index(index);
    const before = errors.length;
    checkSource(errors, entry, volume, { volumeName: volume.name, podName, rules });
    requireName(errors, entry.child("name"), volume.name, checkDnsLabel);
    if (sound.has(volume.name)) errors.push(fieldError.duplicate(entry.child("name"), volume.name));
    if (errors.length === before) sound.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && ownClaims.has(claim))
      errors.push(
        fieldError.invalid(
          entry.child("persistentVolumeClaim").child("claimName"),
          claim,
          "must not reference a PVC that gets created for an ephemeral volume",
        ),
      );
  }
  return sound;
}

/** The first source in order is the one meant; every further one is refused. */
function checkSource(errors: FieldError[], path: FieldPath, volume: Volume, around: VolumeSurroundings): void {
  let isFirst = true;
  // A volume holds few fields, and there are thirty kinds of source.
  const given = new Set(Object.keys(volume));
  for (const { field, place, surplusPlace, check } of sourceChecks) {
    if (!given.has(field)) continue;
    const source = volume[field];
    if (source === undefined) continue;
    if (isFirst) (check as Check<keyof VolumeSource>)(errors, path.child(place ?? field), source, around);
    else
      errors.push(fieldError.forbidden(path.child(surplusPlace ?? field), "may not specify more than 1 volume type"));
    isFirst = false;
    if (field === "iscsi") checkIscsiNameLength(errors, path, volume.iscsi as ISCSIVolumeSource, around);
  }
  if (isFirst) errors.push(fieldError.required(path, "must specify a volume type"));
}

function checkIscsiNameLength(
  errors: FieldError[],
  path: FieldPath,
  source: ISCSIVolumeSource,
  { volumeName }: VolumeSurroundings,
): void {
  const isTooLong = utf8Length(`${volumeName}:${source.targetPortal}`) > maxIscsiNameBytes;
  if (source.initiatorName !== undefined && isTooLong)
    errors.push(fieldError.invalid(path.child("name"), volumeName, nameAndTarget));
}

function sourceCheck<K extends keyof VolumeSource>(
  field: K,
  check: Check<K>,
  places: { readonly place?: string; readonly surplusPlace?: string } = {},
): SourceCheck {
  return { field, check, ...places } as unknown as SourceCheck;
}

/** Sources that need no more than some texts. */
function requiring<K extends keyof VolumeSource>(
  field: K,
  ...names: readonly (keyof NonNullable<VolumeSource[K]> & string)[]
): SourceCheck {
  return sourceCheck(field, (errors, path, source) => requireTexts(errors, path, source, names));
}

const sourceChecks: readonly SourceCheck[] = [
  sourceCheck("emptyDir", (errors, path, source) => {
    if (source.sizeLimit?.startsWith("-") === true)
      errors.push(fieldError.forbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity"));
  }),
  sourceCheck("hostPath", checkHostPath),
  sourceCheck("gitRepo", (errors, path, source) => {
    requireText(errors, path.child("repository"), source.repository);
    checkDescendingPath(errors, path.child("directory"), source.directory ?? "");
  }),
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
  sourceCheck("secret", (errors, path, source) => {
    requireText(errors, path.child("secretName"), source.secretName);
    checkFileMode(errors, path.child("defaultMode"), source.defaultMode);
    checkItems(errors, path, source.items);
  }),
  sourceCheck("nfs", checkNfs),
  sourceCheck("iscsi", (errors, path, source) => {
    requireText(errors, path.child("targetPortal"), source.targetPortal);
    checkIscsi(errors, path, source, true);
  }),
  requiring("glusterfs", "endpoints", "path"),
  sourceCheck("flocker", checkFlocker),
  requiring("persistentVolumeClaim", "claimName"),
  sourceCheck("rbd", (errors, path, source) => {
    requireMonitors(errors, path, source.monitors);
    requireText(errors, path.child("image"), source.image);
  }),
  sourceCheck("cinder", (errors, path, source) => {
    requireText(errors, path.child("volumeID"), source.volumeID);
    requireSecretName(errors, path, source.secretRef);
  }),
  sourceCheck("cephfs", (errors, path, source) => requireMonitors(errors, path, source.monitors), {
    surplusPlace: "cephFS",
  }),
  sourceCheck("quobyte", checkQuobyte),
  sourceCheck(
    "downwardAPI",
    (errors, path, source) => {
      checkFileMode(errors, path.child("defaultMode"), source.defaultMode);
      for (const file of source.items ?? []) checkDownwardFile(errors, path, file);
    },
    { surplusPlace: "downwarAPI" },
  ),
  sourceCheck("fc", checkFibreChannel),
  sourceCheck("flexVolume", checkFlex),
  sourceCheck("configMap", (errors, path, source) => {
    requireText(errors, path.child("name"), source.name);
    checkFileMode(errors, path.child("defaultMode"), source.defaultMode);
    checkItems(errors, path, source.items);
  }),
  requiring("azureFile", "secretName", "shareName"),
  requiring("vsphereVolume", "volumePath"),
  requiring("photonPersistentDisk", "pdID"),
  requiring("portworxVolume", "volumeID"),
  sourceCheck("azureDisk", checkAzureDisk),
  sourceCheck("storageos", (errors, path, source) => {
    checkStorageOs(errors, path, source);
    requireSecretName(errors, path, source.secretRef);
  }),
  sourceCheck("projected", (errors, path, source, { rules }) => checkProjected(errors, path, source, rules)),
  requiring("scaleIO", "gateway", "system", "volumeName"),
  sourceCheck("csi", checkCsi),
  sourceCheck("ephemeral", checkEphemeral),
  sourceCheck("image", (errors, path, source, { rules }) => {
    if (rules.isPod) requireText(errors, path.child("reference"), source.reference);
    checkPullPolicy(errors, path.child("pullPolicy"), source.pullPolicy);
  }),
];

function requireMonitors(errors: FieldError[], path: FieldPath, monitors: readonly string[] | null): void {
  if ((monitors ?? []).length === 0) errors.push(fieldError.required(path.child("monitors")));
}

function requireSecretName(
  errors: FieldError[],
  path: FieldPath,
  secret: { readonly name?: string } | undefined,
): void {
  if (secret !== undefined) requireText(errors, path.child("secretRef").child("name"), secret.name);
}

function checkCsi(errors: FieldError[], path: FieldPath, source: CSIVolumeSource): void {
  checkCsiDriverName(errors, path.child("driver"), source.driver);
  const secret = source.nodePublishSecretRef;
  if (secret === undefined) return;
  const { name = "" } = secret;
  if (requireText(errors, path.child("nodePublishSecretRef").child("name"), name))
    addFaults(errors, path.child("name"), name, checkDnsSubdomain(name));
}

function checkEphemeral(
  errors: FieldError[],
  path: FieldPath,
  source: EphemeralVolumeSource,
  { volumeName, podName }: VolumeSurroundings,
): void {
  const template = source.volumeClaimTemplate;
  if (template === undefined) {
    errors.push(fieldError.required(path.child("volumeClaimTemplate")));
  } else {
    const place = path.child("volumeClaimTemplate");
    checkTemplateMetadata(errors, place.child("metadata"), template.metadata);
    checkClaimSpec(errors, place.child("spec"), template.spec);
  }
  if (podName === "" || volumeName === "") return;
  const claimName = `${podName}-${volumeName}`;
  for (const fault of checkDnsSubdomain(claimName))
    errors.push(fieldError.invalid(path.child("name"), volumeName, `PVC name ${goQuote(claimName)}: ${fault}`));
}

/** Of a claim template's metadata only labels and annotations mean anything. */
function checkTemplateMetadata(errors: FieldError[], path: FieldPath, metadata: ObjectMeta): void {
  checkAnnotations(errors, path.child("annotations"), metadata.annotations);
  checkLabels(errors, path.child("labels"), metadata.labels);
  for (const name of Object.keys(metadata)) {
    const value = metadata[name as keyof ObjectMeta];
    if (name !== "labels" && name !== "annotations" && value !== undefined && value !== null)
      errors.push(fieldError.forbidden(path.child(name), "cannot be set"));
  }
}
