import { goQuote } from "../../api/go-quote.ts";
import { checkLabelKey } from "../../api/names.ts";
import type { ObjectFieldSelector, Pod } from "../../api/types/core-v1.ts";
import { compareUtf8 } from "../../api/utf8.ts";
import { ContainerConfigError } from "../containers/security-config.ts";

/** What of a pod is known to its node before status says so. */
export interface PodAddresses {
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
}

/**
 * The value of a pod's field for a container's environment.
 * @throws {ContainerConfigError} for fields that the downward API does not have
 */
export function podFieldValue(pod: Pod, selector: ObjectFieldSelector, addresses: PodAddresses): string {
  const path = selector.fieldPath === "spec.host" ? "spec.nodeName" : selector.fieldPath;
  switch (path) {
    case "spec.nodeName":
      return pod.spec.nodeName ?? "";
    case "spec.serviceAccountName":
      return pod.spec.serviceAccountName ?? "";
    case "status.hostIP":
      return addresses.hostIps[0] ?? "";
    case "status.hostIPs":
      return addresses.hostIps.join(",");
    case "status.podIP":
      return addresses.podIps[0] ?? "";
    case "status.podIPs":
      return addresses.podIps.join(",");
    default:
      return metadataValue(pod, path);
  }
}

/**
 * The value of a field of metadata, for the environment and for files.
 * @throws {ContainerConfigError} for fields that the downward API does not have
 */
export function metadataValue(pod: Pod, path: string): string {
  const { metadata } = pod;
  const subscripted = /^(.+?)\['(.*)'\]$/s.exec(path);
  if (subscripted !== null) return subscriptedValue(pod, path, subscripted[1] ?? "", subscripted[2] ?? "");
  switch (path) {
    case "metadata.annotations":
      return formatMap(metadata.annotations);
    case "metadata.labels":
      return formatMap(metadata.labels);
    case "metadata.name":
      return metadata.name;
    case "metadata.namespace":
      return metadata.namespace;
    case "metadata.uid":
      return metadata.uid;
    default:
      throw new ContainerConfigError(`unsupported fieldPath: ${path}`);
  }
}

function subscriptedValue(pod: Pod, path: string, field: string, key: string): string {
  const map = { "metadata.annotations": pod.metadata.annotations, "metadata.labels": pod.metadata.labels };
  if (field !== "metadata.annotations" && field !== "metadata.labels")
    throw new ContainerConfigError(`fieldPath ${goQuote(path)} does not support subscript`);
  const faults = checkLabelKey(field === "metadata.annotations" ? key.toLowerCase() : key);
  if (faults.length > 0) throw new ContainerConfigError(`invalid key subscript in ${path}: ${faults.join(";")}`);
  const values = map[field];
  return values !== undefined && Object.hasOwn(values, key) ? (values[key] ?? "") : "";
}

/** One `key="value"` per line, by key. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  if (map === undefined) return "";
  return Object.keys(map)
    .sort(compareUtf8)
    .map((key) => `${key}=${goQuote(map[key] ?? "")}`)
    .join("\n");
}
