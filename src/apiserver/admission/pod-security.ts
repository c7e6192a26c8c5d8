import { namespaces, pods } from "../../api/resources.ts";
import { internalError, invalid } from "../../api/status-error.ts";
import type { Namespace, Pod, PodSpec } from "../../api/types/core-v1.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { ResourceAttributes } from "../attributes.ts";
import type { LiveObjects } from "../live-objects.ts";
import { describeViolations, evaluatePod } from "./pod-security/evaluate-pod.ts";
import { warnOfExistingPods } from "./pod-security/existing-pods.ts";
import { type CheckedPod, checkedPod } from "./pod-security/security-check.ts";
import { compareLevels, readSecurityPolicy, ruleName, type SecurityPolicy } from "./pod-security/security-policy.ts";
import { refuse } from "./refusal.ts";
import { sameJson } from "./same-json.ts";

/** Through these nothing of a pod changes that matters here. */
const ignoredSubresources: ReadonlySet<string> = new Set([
  "exec",
  "attach",
  "binding",
  "eviction",
  "log",
  "portforward",
  "proxy",
  "status",
]);

/** Kinds that make pods from a template. */
const workloads: ReadonlySet<string> = new Set([
  "/replicationcontrollers",
  "/podtemplates",
  "apps/replicasets",
  "apps/deployments",
  "apps/statefulsets",
  "apps/daemonsets",
  "batch/jobs",
  "batch/cronjobs",
]);

/**
 * Keeps pods to the Pod Security Standards that their namespace asks for. Workloads are never refused for their
 * template, only warned of it. Source: Kubernetes documentation, "Pod Security Admission".
 */
export function createPodSecurity(objects: LiveObjects): AdmissionPlugin {
  const spaces = objects.of(namespaces).cache;
  const policyOf = (request: AdmissionRequest): SecurityPolicy => {
    const { namespace } = request.attributes;
    const found = spaces.get(namespace);
    if (found === undefined) throw internalError(`failed to lookup namespace "${namespace}"`);
    return readSecurityPolicy(found.metadata.labels).policy;
  };
  return {
    name: "PodSecurity",
    handles: (attributes, operation) => (operation === "create" || operation === "update") && concerns(attributes),
    validate(request) {
      switch (request.attributes.resource) {
        case "namespaces":
          return checkNamespace(request, (name) => objects.of(pods).cache.list(name));
        case "pods":
          return checkPod(request, policyOf(request));
        default:
          return warnOfTemplate(request, policyOf(request));
      }
    },
  };
}

function concerns({ group, resource, subresource }: ResourceAttributes): boolean {
  if (group === "" && resource === "pods") return !ignoredSubresources.has(subresource);
  if (subresource !== "") return false;
  return (group === "" && resource === "namespaces") || workloads.has(`${group}/${resource}`);
}

function checkNamespace(request: AdmissionRequest, podsIn: (namespace: string) => readonly Pod[]): void {
  const { metadata } = request.object as unknown as Namespace;
  const { policy, errors } = readSecurityPolicy(metadata.labels);
  const before = request.oldObject === undefined ? undefined : readSecurityPolicy(request.oldObject.metadata.labels);
  if (errors.length > 0 && !sameJson(errors, before?.errors)) throw invalid(namespaces, metadata.name, errors);
  if (before === undefined) return;
  const { enforce } = policy;
  const { enforce: old } = before.policy;
  const isSameVersion = enforce.minor === old.minor;
  if (enforce.level === "privileged" || (isSameVersion && compareLevels(enforce.level, old.level) <= 0)) return;
  for (const warning of warnOfExistingPods(metadata.name, enforce, podsIn(metadata.name))) request.warn(warning);
}

function checkPod(request: AdmissionRequest, { enforce, warn }: SecurityPolicy): void {
  if (enforce.level === "privileged" && warn.level === "privileged") return;
  const { metadata, spec } = request.object as unknown as Pod;
  if (request.oldObject !== undefined && hasSameImages(spec, (request.oldObject as unknown as Pod).spec)) return;
  const pod = checkedPod(metadata.annotations, spec);
  const violations = evaluatePod(enforce, pod);
  if (violations.length > 0)
    throw refuse(request, `violates PodSecurity "${ruleName(enforce)}": ${describeViolations(violations)}`);
  warnOf(request, pod, { enforce, warn });
}

function warnOfTemplate(request: AdmissionRequest, policy: SecurityPolicy): void {
  if (policy.warn.level === "privileged") return;
  const template = templateOf(request.object);
  if (template?.spec !== undefined) warnOf(request, checkedPod(template.metadata?.annotations, template.spec), policy);
}

function warnOf(request: AdmissionRequest, pod: CheckedPod, { warn }: SecurityPolicy): void {
  const violations = evaluatePod(warn, pod);
  if (violations.length > 0)
    request.warn(`would violate PodSecurity "${ruleName(warn)}": ${describeViolations(violations)}`);
}

interface Template {
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: PodSpec;
}

function templateOf(object: unknown): Template | undefined {
  const { template, spec } = object as {
    readonly template?: Template;
    readonly spec?: {
      readonly template?: Template;
      readonly jobTemplate?: { readonly spec?: { template?: Template } };
    };
  };
  return template ?? spec?.template ?? spec?.jobTemplate?.spec?.template;
}

/** Of a pod that is there already only images can change, and ephemeral containers can come. */
function hasSameImages(spec: PodSpec, old: PodSpec): boolean {
  const isSame = (field: "containers" | "initContainers"): boolean => {
    const [now, before] = [spec[field] ?? [], old[field] ?? []];
    return now.length === before.length && now.every(({ image }, index) => image === before[index]?.image);
  };
  const ephemeral = new Map((old.ephemeralContainers ?? []).map(({ name, image }) => [name, image ?? ""]));
  return (
    isSame("containers") &&
    isSame("initContainers") &&
    (spec.ephemeralContainers ?? []).every(({ name, image = "" }) => ephemeral.get(name) === image)
  );
}
