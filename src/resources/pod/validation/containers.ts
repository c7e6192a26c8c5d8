import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkDnsLabel, checkPortName, checkPortNumber } from "../../../api/names.ts";
import type {
  Container,
  ContainerPort,
  ContainerResizePolicy,
  EphemeralContainer,
  PodSpec,
  Volume,
} from "../../../api/types/core-v1.ts";
import { addFaults, requireName, requireOneOf, requireOneOfGiven, requireText } from "../../field-checks.ts";
import { isSidecar } from "../../pod-status.ts";
import { checkEnvironment, checkEnvironmentSources } from "./environment.ts";
import { checkLifecycle, checkProbes } from "./handlers.ts";
import { checkMounts } from "./mounts.ts";
import { checkContainerResources } from "./resources.ts";
import { checkInitRestartPolicy, checkRestartPolicy } from "./restart-policy.ts";
import type { PodRules } from "./rules.ts";
import { checkContainerSecurity } from "./security.ts";

/** What the containers of a pod are checked against. */
export interface ContainerSurroundings {
  readonly spec: PodSpec;
  /** The pod's sound volumes, by name. */
  readonly volumes: ReadonlyMap<string, Volume>;
  readonly claimNames: ReadonlySet<string>;
  readonly rules: PodRules;
}

type AnyContainer = Container | EphemeralContainer;

const protocols = ["SCTP", "TCP", "UDP"];
const pullPolicies = ["Always", "IfNotPresent", "Never"];
const messagePolicies = ["File", "FallbackToLogsOnError"];
const resizableResources = ["cpu", "memory"];
const resizePolicies = ["NotRequired", "RestartContainer"];

/** Checks the containers that a pod is made of. */
export function checkContainers(errors: FieldError[], path: FieldPath, around: ContainerSurroundings): void {
  const { spec } = around;
  const containers = spec.containers ?? [];
  if (containers.length === 0) {
    errors.push(fieldError.required(path));
    return;
  }
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const entry = path.index(index);
    checkContainer(errors, entry, container, around);
    if (names.has(container.name)) errors.push(fieldError.duplicate(entry.child("name"), container.name));
    names.add(container.name);
    if (container.lifecycle !== undefined)
      checkLifecycle(errors, entry.child("lifecycle"), container.lifecycle, spec.terminationGracePeriodSeconds);
    checkProbes(errors, entry, container, spec.terminationGracePeriodSeconds);
    checkRestartPolicy(errors, entry, container);
  }
  checkHostPorts(errors, path, containers);
}

/** Checks the containers that run before, or beside, those of the pod. */
export function checkInitContainers(errors: FieldError[], path: FieldPath, around: ContainerSurroundings): void {
  const { spec, rules } = around;
  const names = new Set(spec.containers?.map((container) => container.name));
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const entry = path.index(index);
    checkContainer(errors, entry, container, around);
    checkInitRestartPolicy(errors, entry, container);
    if (names.has(container.name)) errors.push(fieldError.duplicate(entry.child("name"), container.name));
    else if (container.name !== "") names.add(container.name);
    // They run one by one, so each may have the ports of the others.
    checkHostPorts(errors, path, [container]);
    const sidecar = isSidecar(container);
    if (sidecar) {
      if (container.lifecycle !== undefined)
        checkLifecycle(errors, entry.child("lifecycle"), container.lifecycle, spec.terminationGracePeriodSeconds);
      checkProbes(errors, entry, container, spec.terminationGracePeriodSeconds);
    } else {
      for (const name of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const)
        if (container[name] !== undefined)
          errors.push(
            fieldError.forbidden(entry.child(name), "may not be set for init containers without restartPolicy=Always"),
          );
    }
    if (!sidecar && !rules.allowRestartOfInitContainers) checkInitResizePolicy(errors, entry, container);
  }
}

function checkInitResizePolicy(errors: FieldError[], path: FieldPath, container: Container): void {
  for (const [index, policy] of (container.resizePolicy ?? []).entries())
    if (policy.restartPolicy === "RestartContainer")
      errors.push(
        fieldError.invalid(
          path.child("resizePolicy").index(index).child("restartPolicy"),
          policy.restartPolicy,
          "must not be set to 'RestartContainer' for non-sidecar initContainers",
        ),
      );
}

/** What an ephemeral container may not have: it is not to be relied on. */
const notForEphemeral = [
  "ports",
  "resources",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
] as const;
const ephemeralFault = "cannot be set for an Ephemeral Container";

/** Checks the containers that were added to a running pod for a look inside. */
export function checkEphemeralContainers(errors: FieldError[], path: FieldPath, around: ContainerSurroundings): void {
  const { spec } = around;
  const ephemeral = spec.ephemeralContainers ?? [];
  if (ephemeral.length === 0) return;
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name));
  const names = new Set(others);
  for (const [index, container] of ephemeral.entries()) {
    const entry = path.index(index);
    checkContainer(errors, entry, container, around);
    checkImagePadding(errors, entry, container);
    if (names.has(container.name)) errors.push(fieldError.duplicate(entry.child("name"), container.name));
    names.add(container.name);
    const target = container.targetContainerName ?? "";
    if (target !== "" && !others.has(target))
      errors.push(fieldError.notFound(entry.child("targetContainerName"), target));
    for (const name of notForEphemeral) {
      const value = container[name];
      const isSet = name === "resources" ? Object.keys(value ?? {}).length > 0 : value !== undefined;
      if (isSet) errors.push(fieldError.forbidden(entry.child(name), ephemeralFault));
    }
    for (const [mountIndex, mount] of (container.volumeMounts ?? []).entries())
      for (const name of ["subPath", "subPathExpr"] as const)
        if ((mount[name] ?? "") !== "")
          errors.push(fieldError.forbidden(entry.child("volumeMounts").index(mountIndex).child(name), ephemeralFault));
  }
}

/** Refuses blanks around images, which templates may have. */
export function checkImagePadding(errors: FieldError[], path: FieldPath, container: AnyContainer): void {
  const image = container.image ?? "";
  if (image.trim() !== image)
    errors.push(fieldError.invalid(path.child("image"), image, "must not have leading or trailing whitespace"));
}

/** What holds for containers of every sort. */
function checkContainer(
  errors: FieldError[],
  path: FieldPath,
  container: AnyContainer,
  around: ContainerSurroundings,
): void {
  requireName(errors, path.child("name"), container.name, checkDnsLabel);
  requireText(errors, path.child("image"), container.image);
  requireOneOfGiven(
    errors,
    path.child("terminationMessagePolicy"),
    container.terminationMessagePolicy,
    messagePolicies,
  );
  if (container.ports !== undefined) checkPorts(errors, path.child("ports"), container.ports);
  if (container.env !== undefined) checkEnvironment(errors, path.child("env"), container.env);
  if (container.envFrom !== undefined) checkEnvironmentSources(errors, path.child("envFrom"), container.envFrom);
  checkMounts(errors, path, container, around.volumes);
  checkPullPolicy(errors, path.child("imagePullPolicy"), container.imagePullPolicy);
  checkContainerResources(errors, path.child("resources"), container.resources, around.claimNames, around.rules);
  if (container.resizePolicy !== undefined)
    checkResizePolicy(errors, path.child("resizePolicy"), container.resizePolicy, around.spec);
  if (container.securityContext !== undefined)
    checkContainerSecurity(errors, path.child("securityContext"), container.securityContext, around.spec);
}

/** Checks when an image is pulled. */
export function checkPullPolicy(errors: FieldError[], path: FieldPath, policy: string | undefined): void {
  requireOneOfGiven(errors, path, policy, pullPolicies);
}

function checkPorts(errors: FieldError[], path: FieldPath, ports: readonly ContainerPort[]): void {
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const entry = path.index(index);
    const name = port.name ?? "";
    if (name !== "") {
      const faults = checkPortName(name);
      addFaults(errors, entry.child("name"), name, faults);
      if (faults.length === 0) {
        if (names.has(name)) errors.push(fieldError.duplicate(entry.child("name"), name));
        names.add(name);
      }
    }
    const { containerPort, hostPort = 0 } = port;
    if (containerPort === 0) errors.push(fieldError.required(entry.child("containerPort")));
    else addFaults(errors, entry.child("containerPort"), containerPort, checkPortNumber(containerPort));
    if (hostPort !== 0) addFaults(errors, entry.child("hostPort"), hostPort, checkPortNumber(hostPort));
    requireOneOfGiven(errors, entry.child("protocol"), port.protocol, protocols);
  }
}

/** Refuses two ports that would be the same on the host. */
function checkHostPorts(errors: FieldError[], path: FieldPath, containers: readonly Container[]): void {
  let seen: Set<string> | undefined;
  for (const [index, container] of containers.entries())
    for (const [portIndex, port] of (container.ports ?? []).entries()) {
      if ((port.hostPort ?? 0) === 0) continue;
      seen ??= new Set();
      const key = `${port.protocol ?? ""}/${port.hostIP ?? ""}/${port.hostPort}`;
      if (seen.has(key))
        errors.push(fieldError.duplicate(path.index(index).child("ports").index(portIndex).child("hostPort"), key));
      seen.add(key);
    }
}

function checkResizePolicy(
  errors: FieldError[],
  path: FieldPath,
  policies: readonly ContainerResizePolicy[],
  spec: PodSpec,
): void {
  const seen = new Set<string>();
  for (const [index, { resourceName, restartPolicy }] of policies.entries()) {
    if (seen.has(resourceName)) errors.push(fieldError.duplicate(path.index(index), resourceName));
    seen.add(resourceName);
    requireOneOfGiven(errors, path, resourceName, resizableResources);
    requireOneOfGiven(errors, path, restartPolicy, resizePolicies);
    if (spec.restartPolicy === "Never" && restartPolicy !== "NotRequired")
      errors.push(fieldError.invalid(path, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
  }
}

/** Checks the restart policy of a whole pod. */
export function checkPodRestartPolicy(errors: FieldError[], path: FieldPath, policy: string | undefined): void {
  if (policy === undefined || policy === "") errors.push(fieldError.required(path));
  else requireOneOf(errors, path, policy, ["Always", "OnFailure", "Never"]);
}
