import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from "../../api/types/core-v1.ts";
import type { ResourceList } from "../../resources/resource-list.ts";
import { ContainerConfigError } from "../containers/security-config.ts";
import { expandReferences } from "./expand-references.ts";
import { type PodAddresses, podFieldValue } from "./field-values.ts";
import { resourceFieldValue } from "./resource-values.ts";
import { serviceVariables } from "./service-variables.ts";

/** What a container's environment is made from, besides its pod. */
export interface EnvironmentSources {
  readonly addresses: PodAddresses;
  readonly nodeAllocatable: ResourceList;
  /** Those of the pod's namespace and of `default`. */
  readonly services: readonly Service[];
  /** An object of the pod's namespace; undefined when it does not exist. @throws when that cannot be told */
  readonly configMap: (name: string) => ConfigMap | undefined;
  readonly secret: (name: string) => Secret | undefined;
}

/**
 * A container's environment: first what `envFrom` gives, then `env`, which may refer to what stands before it, and
 * last the variables of services, where the container has none of that name.
 * @throws {ContainerConfigError} when something that is not optional is missing
 */
export function containerEnvironment(
  pod: Pod,
  container: Container,
  sources: EnvironmentSources,
): ReadonlyMap<string, string> {
  const links = serviceVariables(sources.services, pod.metadata.namespace, pod.spec.enableServiceLinks !== false);
  const own = new Map<string, string>();
  addEnvFrom(own, container, sources);
  const lookUp = (name: string): string | undefined => own.get(name) ?? links.get(name);
  for (const entry of container.env ?? []) {
    const value =
      entry.value !== undefined && entry.value !== ""
        ? expandReferences(entry.value, lookUp)
        : resolveSource(pod, container, entry, sources);
    if (value !== undefined) own.set(entry.name, value);
  }
  for (const [name, value] of links) if (!own.has(name)) own.set(name, value);
  return own;
}

/** A container's command and arguments with references to its environment replaced. */
export function expandCommand(
  container: Container,
  environment: ReadonlyMap<string, string>,
): { readonly command: readonly string[]; readonly args: readonly string[] } {
  const expand = (text: string): string => expandReferences(text, (name) => environment.get(name));
  return { command: (container.command ?? []).map(expand), args: (container.args ?? []).map(expand) };
}

/**
 * The command of a probe, in which only plain values of the container's own `env` are replaced.
 */
export function expandProbeCommand(command: readonly string[], env: readonly EnvVar[] | undefined): readonly string[] {
  const values = new Map((env ?? []).map(({ name, value }) => [name, value ?? ""]));
  return command.map((text) => expandReferences(text, (name) => values.get(name)));
}

function addEnvFrom(own: Map<string, string>, container: Container, sources: EnvironmentSources): void {
  for (const source of container.envFrom ?? []) {
    const { configMapRef, secretRef } = source;
    const reference = configMapRef ?? secretRef;
    if (reference === undefined) continue;
    const name = reference.name ?? "";
    const object = configMapRef === undefined ? sources.secret(name) : sources.configMap(name);
    if (object === undefined) {
      if (reference.optional === true) continue;
      throw new ContainerConfigError(`${configMapRef === undefined ? "secret" : "configmap"} "${name}" not found`);
    }
    const data = object.data ?? {};
    for (const key of Object.keys(data)) {
      const text = data[key] ?? "";
      own.set(`${source.prefix ?? ""}${key}`, configMapRef === undefined ? decodeSecret(text) : text);
    }
  }
}

/** The value that `valueFrom` points to; undefined when it is optional and missing. No source at all is an empty value. */
function resolveSource(pod: Pod, container: Container, entry: EnvVar, sources: EnvironmentSources): string | undefined {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = entry.valueFrom ?? {};
  if (fieldRef !== undefined) return podFieldValue(pod, fieldRef, sources.addresses);
  if (resourceFieldRef !== undefined)
    return resourceFieldValue(pod, container, resourceFieldRef, sources.nodeAllocatable);
  if (configMapKeyRef !== undefined) {
    const object = sources.configMap(configMapKeyRef.name ?? "");
    return keyValue("ConfigMap", pod, configMapKeyRef, object?.data, object !== undefined);
  }
  if (secretKeyRef !== undefined) {
    const object = sources.secret(secretKeyRef.name ?? "");
    const value = keyValue("Secret", pod, secretKeyRef, object?.data, object !== undefined);
    return value === undefined ? undefined : decodeSecret(value);
  }
  if (fileKeyRef !== undefined)
    throw new ContainerConfigError("environment variables from files (fileKeyRef) are not supported by this node");
  return "";
}

function keyValue(
  kind: "ConfigMap" | "Secret",
  pod: Pod,
  selector: { readonly name?: string; readonly key: string; readonly optional?: boolean },
  data: Readonly<Record<string, string>> | undefined,
  exists: boolean,
): string | undefined {
  const value = data !== undefined && Object.hasOwn(data, selector.key) ? data[selector.key] : undefined;
  if (value !== undefined) return value;
  if (selector.optional === true) return undefined;
  const name = selector.name ?? "";
  if (!exists) throw new ContainerConfigError(`${kind.toLowerCase()} "${name}" not found`);
  throw new ContainerConfigError(`couldn't find key ${selector.key} in ${kind} ${pod.metadata.namespace}/${name}`);
}

/** Secrets travel as base64. */
function decodeSecret(base64: string): string {
  return new TextDecoder("utf-8").decode(decodeBase64(base64));
}

/** The bytes that a base64 text stands for. */
export function decodeBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
