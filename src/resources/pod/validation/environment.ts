import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import {
  checkConfigMapKey,
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelKey,
  checkName,
  checkRelaxedEnvVarName,
} from "../../../api/names.ts";
import type {
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
  ObjectFieldSelector,
  PodSpec,
  ResourceFieldSelector,
} from "../../../api/types/core-v1.ts";
import { addFaults, requireName, requireText } from "../../field-checks.ts";
import { forEachContainer } from "./each-container.ts";
import { checkNoBacksteps } from "./paths.ts";

const podFields: ReadonlySet<string> = new Set([
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.host",
  "spec.nodeName",
  "spec.restartPolicy",
  "spec.schedulerName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.phase",
  "status.podIP",
  "status.podIPs",
]);

/** Fields of a pod that environment variables may show. */
const variableFields = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

/** Fields of a pod that files may show. */
export const fileFields = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];

const resourceFields = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];
const hugePageField = /^(?:requests|limits)\.hugepages-/;
const byteDivisors = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei".split(", ");
const variableSources = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"] as const;

/** Checks a container's variables. */
export function checkEnvironment(errors: FieldError[], path: FieldPath, variables: readonly EnvVar[]): void {
  for (const [index, variable] of variables.entries()) {
    const entry = path.index(index);
    requireName(errors, entry.child("name"), variable.name, checkRelaxedEnvVarName);
    if (variable.valueFrom !== undefined)
      checkVariableSource(errors, entry.child("valueFrom"), variable.valueFrom, variable.value ?? "");
  }
}

function checkVariableSource(errors: FieldError[], path: FieldPath, source: EnvVarSource, value: string): void {
  if (source.fieldRef !== undefined)
    checkFieldSelector(errors, path.child("fieldRef"), source.fieldRef, variableFields);
  if (source.resourceFieldRef !== undefined)
    checkResourceFieldSelector(errors, path.child("resourceFieldRef"), source.resourceFieldRef, false);
  for (const kind of ["configMapKeyRef", "secretKeyRef"] as const) {
    const selector = source[kind];
    if (selector === undefined) continue;
    const name = selector.name ?? "";
    addFaults(errors, path.child(kind).child("name"), name, checkDnsSubdomain(name));
    requireName(errors, path.child(kind).child("key"), selector.key, checkConfigMapKey);
  }
  if (source.fileKeyRef !== undefined) checkFileKey(errors, path.child("fileKeyRef"), source.fileKeyRef);

  const count = variableSources.filter((kind) => source[kind] !== undefined).length;
  if (count === 0) {
    const choice = variableSources.map((kind) => `\`${kind}\``);
    const detail = `must specify one of: ${choice.slice(0, -1).join(", ")} or ${choice.at(-1)}`;
    errors.push(fieldError.invalid(path, "", detail));
  } else if (value !== "") {
    errors.push(fieldError.invalid(path, "", "may not be specified when `value` is not empty"));
  } else if (count > 1) {
    errors.push(fieldError.invalid(path, "", "may not have more than one field specified at a time"));
  }
}

function checkFileKey(errors: FieldError[], path: FieldPath, selector: FileKeySelector): void {
  requireName(errors, path.child("key"), selector.key, checkRelaxedEnvVarName);
  requireName(errors, path.child("volumeName"), selector.volumeName, checkDnsLabel);
  if (requireText(errors, path.child("path"), selector.path))
    checkNoBacksteps(errors, path.child("path"), selector.path);
}

/** Checks where whole sets of variables come from. */
export function checkEnvironmentSources(
  errors: FieldError[],
  path: FieldPath,
  sources: readonly EnvFromSource[],
): void {
  for (const [index, source] of sources.entries()) {
    const entry = path.index(index);
    const prefix = source.prefix ?? "";
    if (prefix !== "") addFaults(errors, entry.child("prefix"), prefix, checkRelaxedEnvVarName(prefix));
    for (const kind of ["configMapRef", "secretRef"] as const)
      if (source[kind] !== undefined)
        requireName(errors, entry.child(kind).child("name"), source[kind]?.name, (name) =>
          checkName("dnsSubdomain", name, true),
        );
    const { configMapRef, secretRef } = source;
    if (configMapRef === undefined && secretRef === undefined)
      errors.push(fieldError.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    else if (configMapRef !== undefined && secretRef !== undefined)
      errors.push(fieldError.invalid(path, "", "may not have more than one field specified at a time"));
  }
}

/** Checks a reference to a field of the pod. @param allowed fields that may be shown there */
export function checkFieldSelector(
  errors: FieldError[],
  path: FieldPath,
  selector: ObjectFieldSelector,
  allowed: readonly string[],
): void {
  if (!requireText(errors, path.child("apiVersion"), selector.apiVersion)) return;
  if (!requireText(errors, path.child("fieldPath"), selector.fieldPath)) return;
  const subscripted = /^(.+?)\['(.*)'\]$/s.exec(selector.fieldPath);
  const fault = fieldPathFault(selector, subscripted?.[1]);
  if (fault !== undefined) {
    const detail = `error converting fieldPath: ${fault}`;
    errors.push(fieldError.invalid(path.child("fieldPath"), selector.fieldPath, detail));
  } else if (subscripted !== null) {
    const [, field, subscript = ""] = subscripted;
    const key = field === "metadata.annotations" ? subscript.toLowerCase() : subscript;
    addFaults(errors, path, key, checkLabelKey(key));
  } else {
    const field = selector.fieldPath === "spec.host" ? "spec.nodeName" : selector.fieldPath;
    if (!allowed.includes(field)) errors.push(fieldError.notSupported(path.child("fieldPath"), field, allowed));
  }
}

function fieldPathFault(selector: ObjectFieldSelector, subscripted: string | undefined): string | undefined {
  if (selector.apiVersion !== "v1") return `unsupported pod version: ${selector.apiVersion}`;
  if (subscripted !== undefined) {
    const isMap = subscripted === "metadata.annotations" || subscripted === "metadata.labels";
    return isMap ? undefined : `field label does not support subscript: ${selector.fieldPath}`;
  }
  return podFields.has(selector.fieldPath) ? undefined : `field label not supported: ${selector.fieldPath}`;
}

/** Checks a reference to an amount of a container. @param isFile files must say of which container */
export function checkResourceFieldSelector(
  errors: FieldError[],
  path: FieldPath,
  selector: ResourceFieldSelector,
  isFile: boolean,
): void {
  const { resource, divisor } = selector;
  if (isFile && (selector.containerName ?? "") === "") errors.push(fieldError.required(path.child("containerName")));
  else if (resource === "") errors.push(fieldError.required(path.child("resource")));
  else if (!resourceFields.includes(resource) && !hugePageField.test(resource))
    errors.push(fieldError.notSupported(path.child("resource"), resource, resourceFields));
  if (divisor === "0") return;
  const fault = divisorFault(resource, divisor);
  if (fault !== undefined)
    errors.push(fieldError.invalid(path.child("divisor"), resource, `only divisor's values ${fault}`));
}

function divisorFault(resource: string, divisor: string): string | undefined {
  const kind = resource.slice(resource.indexOf(".") + 1);
  if (!resourceFields.includes(resource) && !hugePageField.test(resource)) return undefined;
  if (kind === "cpu")
    return divisor === "1m" || divisor === "1" ? undefined : "1m and 1 are supported with the cpu resource";
  if (byteDivisors.includes(divisor)) return undefined;
  const name = kind === "memory" ? "memory" : kind === "ephemeral-storage" ? "local ephemeral storage" : "hugepages";
  return `${byteDivisors.join(", ")} are supported with the ${name} resource`;
}

/** Checks that variables read from files read them from empty directories of the pod. */
export function checkFileKeyVolumes(errors: FieldError[], specPath: FieldPath, spec: PodSpec): void {
  forEachContainer(spec, specPath, (container, path) => {
    for (const [index, variable] of (container.env ?? []).entries()) {
      const name = variable.valueFrom?.fileKeyRef?.volumeName;
      if (name === undefined) continue;
      const place = path().child("env").index(index).child("valueFrom").child("fileKeyRef").child("volumeName");
      const volume = spec.volumes?.findLast((entry) => entry.name === name);
      if (volume === undefined) errors.push(fieldError.notFound(place, name));
      else if (volume.emptyDir === undefined)
        errors.push(fieldError.invalid(place, name, "referenced volume must be of type emptyDir"));
    }
  });
}
