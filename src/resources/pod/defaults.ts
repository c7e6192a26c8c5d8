import type { Draft } from "../../api/draft.ts";
import type {
  Container,
  EphemeralContainer,
  LifecycleHandler,
  PodSpec,
  PodTemplateSpec,
  Probe,
} from "../../api/types/core-v1.ts";
import { defaultPullPolicy } from "../image-name.ts";
import { defaultTerminationGraceSeconds } from "../pod-status.ts";
import { roundAmounts, roundRequirements } from "../resource-list.ts";
import { defaultVolume } from "./default-volume.ts";

/** Fills in what a pod spec leaves out, in pods and in templates alike. */
export function defaultPodSpec(spec: Draft<PodSpec>): void {
  spec.dnsPolicy ??= "ClusterFirst";
  spec.restartPolicy ??= "Always";
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= defaultTerminationGraceSeconds;
  spec.schedulerName ??= "default-scheduler";
  // Two names of one field: the newer one wins, and both are always written.
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account !== undefined) {
    spec.serviceAccountName = account;
    spec.serviceAccount = account;
  }
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of spec.initContainers ?? []) defaultContainer(container);
  for (const container of spec.containers ?? []) defaultContainer(container);
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container);
  roundAmounts(spec.overhead);
  roundRequirements(spec.resources);
}

/** As `defaultPodSpec`, for what controllers make pods of. */
export function defaultPodTemplate(template: Draft<PodTemplateSpec>): void {
  defaultPodSpec(template.spec);
}

function defaultContainer(container: Draft<Container> | Draft<EphemeralContainer>): void {
  container.imagePullPolicy ??= defaultPullPolicy(container.image ?? "");
  container.terminationMessagePath ??= "/dev/termination-log";
  container.terminationMessagePolicy ??= "File";
  for (const port of container.ports ?? []) port.protocol ??= "TCP";
  for (const variable of container.env ?? []) {
    const source = variable.valueFrom;
    if (source?.fieldRef !== undefined) source.fieldRef.apiVersion ??= "v1";
    if (source?.fileKeyRef !== undefined) source.fileKeyRef.optional ??= false;
  }
  roundRequirements(container.resources);
  defaultProbe(container.livenessProbe);
  defaultProbe(container.readinessProbe);
  defaultProbe(container.startupProbe);
  defaultHandler(container.lifecycle?.postStart);
  defaultHandler(container.lifecycle?.preStop);
}

function defaultProbe(probe: Draft<Probe> | undefined): void {
  if (probe === undefined) return;
  probe.timeoutSeconds ??= 1;
  probe.periodSeconds ??= 10;
  probe.successThreshold ??= 1;
  probe.failureThreshold ??= 3;
  defaultHandler(probe);
  if (probe.grpc !== undefined) probe.grpc.service ??= "";
}

function defaultHandler(handler: Draft<Pick<LifecycleHandler, "httpGet">> | undefined): void {
  const request = handler?.httpGet;
  if (request === undefined) return;
  request.path ??= "/";
  request.scheme ??= "HTTP";
}
