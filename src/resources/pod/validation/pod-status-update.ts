import { type FieldError, FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkDnsLabel, checkDnsSubdomain, checkLabelKey, checkUnixId } from "../../../api/names.ts";
import type {
  Container,
  ContainerStatus,
  LinuxContainerUser,
  Pod,
  PodCondition,
  PodSpec,
  PodStatus,
} from "../../../api/types/core-v1.ts";
import { utf8Length } from "../../../api/utf8.ts";
import { mayRestartAllContainers, shouldRestart } from "../../container-restart.ts";
import { addFaults, requireName, requireOneOf, requireSame } from "../../field-checks.ts";
import { checkIpAddress, isDualStack, parseIpAddress } from "../../ip-address.ts";
import { checkPodAnnotationChanges, checkPodAnnotations } from "./annotations.ts";
import { podRulesFor } from "./former-faults.ts";

const statusPath = FieldPath.of("status");
const annotationsPath = FieldPath.of("metadata").child("annotations");
const systemConditions: ReadonlySet<string> = new Set(["PodScheduled", "Ready", "Initialized"]);
const healths = ["Healthy", "Unhealthy", "Unknown"];
const maxHealthMessageBytes = 1024;
const statusLists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"] as const;

/** What is wrong with a change of a pod's status. */
export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const { status, spec } = pod;
  checkPodAnnotationChanges(errors, annotationsPath, pod.metadata.annotations, old.metadata.annotations);
  checkPodAnnotations(errors, annotationsPath, pod.metadata.annotations, spec, podRulesFor(old, true));
  checkConditions(errors, statusPath.child("conditions"), status.conditions ?? []);
  checkNomination(errors, statusPath.child("nominatedNodeName"), status, old);
  const generation = status.observedGeneration ?? 0;
  if (generation < 0)
    errors.push(
      fieldError.invalid(statusPath.child("observedGeneration"), generation, "must be a non-negative integer"),
    );
  requireSame(errors, statusPath.child("qosClass"), status.qosClass ?? "", old.status.qosClass ?? "");
  checkTransitions(errors, status, old);
  checkClaimStatuses(errors, status, spec);
  checkExtendedClaim(errors, statusPath.child("extendedResourceClaimStatus"), status, spec);
  checkAddresses(errors, status, old.status);
  for (const list of statusLists)
    for (const [index, entry] of (status[list] ?? []).entries())
      checkUser(errors, statusPath.child(list).index(index).child("user").child("linux"), entry, spec);
  checkAllocations(errors, statusPath.child("containerStatuses"), status.containerStatuses, spec.containers);
  checkAllocations(
    errors,
    statusPath.child("initContainerStatuses"),
    status.initContainerStatuses,
    spec.initContainers,
  );
  for (const [index, entry] of (status.ephemeralContainerStatuses ?? []).entries())
    if ((entry.allocatedResourcesStatus?.length ?? 0) > 0)
      errors.push(
        fieldError.forbidden(
          statusPath.child("ephemeralContainerStatuses").index(index).child("allocatedResourcesStatus"),
          "must not be specified in container status",
        ),
      );
  return errors;
}

function checkConditions(errors: FieldError[], path: FieldPath, conditions: readonly PodCondition[]): void {
  for (const [index, { type, observedGeneration = 0 }] of conditions.entries()) {
    if (observedGeneration < 0)
      errors.push(
        fieldError.invalid(
          path.index(index).child("observedGeneration"),
          observedGeneration,
          "must be a non-negative integer",
        ),
      );
    if (!systemConditions.has(type)) addFaults(errors, path.index(index).child("Type"), type, checkLabelKey(type));
  }
}

function checkNomination(errors: FieldError[], path: FieldPath, status: PodStatus, old: Pod): void {
  const { nominatedNodeName = "" } = status;
  if (nominatedNodeName === "" || nominatedNodeName === old.status.nominatedNodeName) return;
  addFaults(errors, path, nominatedNodeName, checkDnsSubdomain(nominatedNodeName));
  if ((old.spec.nodeName ?? "") !== "")
    errors.push(fieldError.forbidden(path, "may not be set on pods that are already bound to a node"));
}

/** A container that has ended does not come back, unless its pod restarts it. */
function checkTransitions(errors: FieldError[], status: PodStatus, old: Pod): void {
  const restartsAll = mayRestartAllContainers(old.spec);
  for (const list of statusLists) {
    if (restartsAll && list !== "ephemeralContainerStatuses") continue;
    for (const [index, before] of (old.status[list] ?? []).entries()) {
      const end = before.state.terminated;
      const now = status[list]?.find((entry) => entry.name === before.name);
      if (end === undefined || now === undefined || now.state.terminated !== undefined) continue;
      if (mayComeBack(list, before.name, end.exitCode, old.spec)) continue;
      errors.push(
        fieldError.forbidden(
          statusPath.child(list).index(index).child("state"),
          "may not be transitioned to non-terminated state",
        ),
      );
    }
  }
}

function mayComeBack(list: (typeof statusLists)[number], name: string, exitCode: number, spec: PodSpec): boolean {
  if (list === "ephemeralContainerStatuses") return false;
  const containers = list === "containerStatuses" ? spec.containers : spec.initContainers;
  const container = containers?.find((entry) => entry.name === name);
  return container !== undefined && shouldRestart(container, spec, exitCode);
}

function checkClaimStatuses(errors: FieldError[], status: PodStatus, spec: PodSpec): void {
  const seen = new Set<string>();
  for (const [index, { name, resourceClaimName }] of (status.resourceClaimStatuses ?? []).entries()) {
    const entry = statusPath.child("resourceClaimStatuses").index(index);
    if (!(spec.resourceClaims ?? []).some((claim) => claim.name === name))
      errors.push(
        fieldError.invalid(entry.child("name"), name, "must match the name of an entry in `spec.resourceClaims`"),
      );
    if (seen.has(name)) errors.push(fieldError.duplicate(entry.child("name"), name));
    seen.add(name);
    if (resourceClaimName !== undefined)
      addFaults(errors, entry.child("resourceClaimName"), resourceClaimName, checkDnsSubdomain(resourceClaimName));
  }
}

function checkExtendedClaim(errors: FieldError[], path: FieldPath, status: PodStatus, spec: PodSpec): void {
  const claim = status.extendedResourceClaimStatus;
  if (claim === undefined) return;
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const mappings = claim.requestMappings ?? [];
  const mappingsPath = path.child("requestMappings");
  if (mappings.length === 0) errors.push(fieldError.required(mappingsPath, "at least one request mapping is required"));
  const seen = new Set<string>();
  for (const [index, { containerName, resourceName, requestName }] of mappings.entries()) {
    const entry = mappingsPath.index(index);
    const container = containers.findLast((candidate) => candidate.name === containerName);
    if (container === undefined)
      errors.push(
        fieldError.invalid(
          entry.child("containerName"),
          containerName,
          "must match the name of an entry in spec.initContainers.name or spec.containers.name",
        ),
      );
    else if (!Object.hasOwn(container.resources.requests ?? {}, resourceName))
      errors.push(
        fieldError.invalid(
          entry.child("resourceName"),
          resourceName,
          "must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests",
        ),
      );
    addFaults(errors, path.child("requestName"), requestName, checkDnsLabel(requestName));
    const key = JSON.stringify([containerName, resourceName, requestName]);
    if (seen.has(key)) {
      errors.push(fieldError.duplicate(entry.child("containerName"), containerName));
      errors.push(fieldError.duplicate(entry.child("resourceName"), resourceName));
      errors.push(fieldError.duplicate(entry.child("requestName"), requestName));
    }
    seen.add(key);
  }
  requireName(errors, path.child("resourceClaimName"), claim.resourceClaimName, checkDnsSubdomain);
}

function checkAddresses(errors: FieldError[], status: PodStatus, old: PodStatus): void {
  const oldPodIps = (old.podIPs ?? []).map((entry) => entry.ip);
  checkAddressList(errors, statusPath.child("podIPs"), status.podIPs ?? [], oldPodIps);
  const hostIPs = status.hostIPs ?? [];
  const first = hostIPs[0];
  if (first === undefined) return;
  const path = statusPath.child("hostIPs");
  if ((status.hostIP ?? "") !== first.ip)
    errors.push(fieldError.invalid(path.index(0).child("ip"), first.ip, "must be equal to `hostIP`"));
  const oldHostIps = (old.hostIPs ?? []).map((entry) => entry.ip);
  checkAddressList(errors, path, hostIPs, oldHostIps);
}

function checkAddressList(
  errors: FieldError[],
  path: FieldPath,
  addresses: readonly { readonly ip: string }[],
  tolerated: readonly string[],
): void {
  for (const [index, { ip }] of addresses.entries()) checkIpAddress(errors, path.index(index), ip, tolerated);
  if (addresses.length < 2) return;
  const malformed = addresses.findIndex(({ ip }) => parseIpAddress(ip) === undefined);
  if (malformed >= 0)
    errors.push(
      fieldError.internal(
        path,
        `failed to check for dual stack with error:invalid IP[${malformed}]: ${addresses[malformed]?.ip}`,
      ),
    );
  if (addresses.length > 2 || !isDualStack(addresses.map(({ ip }) => ip)))
    errors.push(
      fieldError.invalid(
        path,
        addresses.map(({ ip }) => ({ IP: ip })),
        "may specify no more than one IP for each IP family",
      ),
    );
}

function checkUser(errors: FieldError[], path: FieldPath, status: ContainerStatus, spec: PodSpec): void {
  const user = status.user?.linux;
  if (user === undefined) return;
  const system = spec.os?.name ?? "linux";
  if (system === "windows") errors.push(fieldError.forbidden(path, "cannot be set for a windows pod"));
  else if (system === "linux") checkLinuxUser(errors, path, user);
}

function checkLinuxUser(errors: FieldError[], path: FieldPath, user: LinuxContainerUser): void {
  addFaults(errors, path.child("uid"), user.uid, checkUnixId(user.uid));
  addFaults(errors, path.child("gid"), user.gid, checkUnixId(user.gid));
  for (const [index, group] of (user.supplementalGroups ?? []).entries())
    addFaults(errors, path.child("supplementalGroups").index(index), group, checkUnixId(group));
}

/** The health of devices is told of resources that the container asked for. */
function checkAllocations(
  errors: FieldError[],
  path: FieldPath,
  statuses: readonly ContainerStatus[] | undefined,
  containers: readonly Container[] | undefined,
): void {
  for (const [index, status] of (statuses ?? []).entries())
    for (const [resourceIndex, allocation] of (status.allocatedResourcesStatus ?? []).entries()) {
      const entry = path.index(index).child("allocatedResourcesStatus").index(resourceIndex);
      const container = containers?.find((candidate) => candidate.name === status.name);
      const fault = container === undefined ? undefined : allocationFault(allocation.name, container);
      if (fault !== undefined) errors.push(fieldError.invalid(entry.child("name"), allocation.name, fault));
      const seen = new Set<string>();
      for (const [deviceIndex, device] of (allocation.resources ?? []).entries()) {
        const place = entry.child("resources").index(deviceIndex);
        requireOneOf(errors, place.child("health"), device.health, healths);
        if (device.message === "")
          errors.push(fieldError.required(place.child("message"), "must be non-empty if specified"));
        else if (utf8Length(device.message ?? "") > maxHealthMessageBytes)
          errors.push(fieldError.tooLong(place.child("message"), maxHealthMessageBytes));
        if (seen.has(device.resourceID))
          errors.push(fieldError.duplicate(place.child("resourceID"), device.resourceID));
        seen.add(device.resourceID);
      }
    }
}

function allocationFault(name: string, container: Container): string | undefined {
  const { claims = [], requests = {} } = container.resources;
  if (!name.startsWith("claim:"))
    return Object.hasOwn(requests, name) ? undefined : "must match one of the container's resource requests";
  const known = claims.map(({ name: claim, request = "" }) => `claim:${claim}${request === "" ? "" : `/${request}`}`);
  return known.includes(name)
    ? undefined
    : "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty";
}
