import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import type { Container, EphemeralContainer, Volume, VolumeDevice, VolumeMount } from "../../../api/types/core-v1.ts";
import { checkDescendingPath, hasBacksteps } from "./paths.ts";

type AnyContainer = Container | EphemeralContainer;

const noMounts: readonly VolumeMount[] = [];
const noDevices: readonly VolumeDevice[] = [];
const propagations = ["Bidirectional", "HostToContainer", "None"];
const readOnlyDepths = ["Disabled", "Enabled", "IfPossible"];

/** Checks what a container mounts, and which block devices it gets. @param volumes the pod's volumes, by name */
export function checkMounts(
  errors: FieldError[],
  path: FieldPath,
  container: AnyContainer,
  volumes: ReadonlyMap<string, Volume>,
): void {
  const mounts = container.volumeMounts ?? noMounts;
  const devices = container.volumeDevices ?? noDevices;
  if (mounts.length > 0) checkVolumeMounts(errors, path.child("volumeMounts"), container, mounts, devices, volumes);
  if (devices.length > 0) checkVolumeDevices(errors, path.child("volumeDevices"), devices, mounts, volumes);
}

function checkVolumeMounts(
  errors: FieldError[],
  path: FieldPath,
  container: AnyContainer,
  mounts: readonly VolumeMount[],
  devices: readonly VolumeDevice[],
  volumes: ReadonlyMap<string, Volume>,
): void {
  const seen = new Set<string>();
  for (const [index, mount] of mounts.entries()) {
    const entry = path.index(index);
    const { name, mountPath } = mount;
    if (name === "") errors.push(fieldError.required(entry.child("name")));
    if (!volumes.has(name)) errors.push(fieldError.notFound(entry.child("name"), name));
    if (mountPath === "") errors.push(fieldError.required(entry.child("mountPath")));
    if (seen.has(mountPath)) errors.push(fieldError.invalid(entry.child("mountPath"), mountPath, "must be unique"));
    seen.add(mountPath);
    if (devices.some((device) => device.name === name))
      errors.push(fieldError.invalid(entry.child("name"), name, "must not already exist in volumeDevices"));
    if (devices.some((device) => device.devicePath === mountPath))
      errors.push(
        fieldError.invalid(entry.child("mountPath"), mountPath, "must not already exist as a path in volumeDevices"),
      );
    checkSubPaths(errors, path, entry, mount);
    if (mount.mountPropagation !== undefined)
      checkPropagation(errors, path.child("mountPropagation"), mount.mountPropagation, container);
    if (mount.recursiveReadOnly !== undefined)
      checkReadOnlyDepth(errors, path.child("recursiveReadOnly"), mount, mount.recursiveReadOnly);
  }
}

function checkSubPaths(errors: FieldError[], path: FieldPath, entry: FieldPath, mount: VolumeMount): void {
  const { subPath = "", subPathExpr = "" } = mount;
  if (subPath !== "") checkDescendingPath(errors, path.child("subPath"), subPath);
  if (subPathExpr === "") return;
  if (subPath !== "")
    errors.push(
      fieldError.invalid(entry.child("subPathExpr"), subPathExpr, "subPathExpr and subPath are mutually exclusive"),
    );
  checkDescendingPath(errors, path.child("subPathExpr"), subPathExpr);
}

function checkPropagation(errors: FieldError[], path: FieldPath, mode: string, container: AnyContainer): void {
  if (!propagations.includes(mode)) errors.push(fieldError.notSupported(path, mode, propagations));
  if (mode === "Bidirectional" && container.securityContext?.privileged !== true)
    errors.push(
      fieldError.forbidden(path, "Bidirectional mount propagation is available only to privileged containers"),
    );
}

function checkReadOnlyDepth(errors: FieldError[], path: FieldPath, mount: VolumeMount, depth: string): void {
  if (!readOnlyDepths.includes(depth)) errors.push(fieldError.notSupported(path, depth, readOnlyDepths));
  else if (depth !== "Disabled") {
    if (mount.readOnly !== true) errors.push(fieldError.forbidden(path, "may only be specified when readOnly is true"));
    if (mount.mountPropagation !== undefined && mount.mountPropagation !== "None")
      errors.push(fieldError.forbidden(path, "may only be specified when mountPropagation is None or not specified"));
  }
}

function checkVolumeDevices(
  errors: FieldError[],
  path: FieldPath,
  devices: readonly VolumeDevice[],
  mounts: readonly VolumeMount[],
  volumes: ReadonlyMap<string, Volume>,
): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [index, { name, devicePath }] of devices.entries()) {
    const namePath = path.index(index).child("name");
    const pathPath = path.index(index).child("devicePath");
    const volume = volumes.get(name);
    if (name === "") errors.push(fieldError.required(namePath));
    if (names.has(name)) errors.push(fieldError.invalid(namePath, name, "must be unique"));
    if (volume === undefined) errors.push(fieldError.notFound(namePath, name));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined)
      errors.push(
        fieldError.invalid(
          namePath,
          name,
          "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
        ),
      );
    if (devicePath === "") errors.push(fieldError.required(pathPath));
    if (paths.has(devicePath)) errors.push(fieldError.invalid(pathPath, devicePath, "must be unique"));
    if (hasBacksteps(devicePath))
      errors.push(fieldError.invalid(pathPath, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name))
      errors.push(fieldError.invalid(namePath, name, "must not already exist in volumeMounts"));
    if (mounts.some((mount) => mount.mountPath === devicePath))
      errors.push(fieldError.invalid(pathPath, devicePath, "must not already exist as a path in volumeMounts"));
    if (name !== "") names.add(name);
  }
}
