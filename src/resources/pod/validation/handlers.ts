import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkHttpHeaderName, checkPortName, checkPortNumber } from "../../../api/names.ts";
import type {
  Container,
  EphemeralContainer,
  HTTPGetAction,
  Lifecycle,
  LifecycleHandler,
  Probe,
  ProbeHandler,
} from "../../../api/types/core-v1.ts";
import { addFaults, requireNonNegative, requireOneOf } from "../../field-checks.ts";

const schemes = ["HTTP", "HTTPS"];

/** Checks the probes of a container. @param graceSeconds the pod's grace period */
export function checkProbes(
  errors: FieldError[],
  path: FieldPath,
  container: Container | EphemeralContainer,
  graceSeconds: number | undefined,
): void {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  if (livenessProbe !== undefined) {
    const place = path.child("livenessProbe");
    checkProbe(errors, place, livenessProbe, graceSeconds);
    requireOneSuccess(errors, place, livenessProbe);
  }
  if (readinessProbe !== undefined) {
    const place = path.child("readinessProbe");
    checkProbe(errors, place, readinessProbe, graceSeconds);
    const grace = readinessProbe.terminationGracePeriodSeconds;
    if (grace !== undefined)
      errors.push(
        fieldError.invalid(place.child("terminationGracePeriodSeconds"), grace, "must not be set for readinessProbes"),
      );
  }
  if (startupProbe !== undefined) {
    const place = path.child("startupProbe");
    checkProbe(errors, place, startupProbe, graceSeconds);
    requireOneSuccess(errors, place, startupProbe);
  }
}

/** Checks what is run after a container has started and before it is stopped. */
export function checkLifecycle(
  errors: FieldError[],
  path: FieldPath,
  lifecycle: Lifecycle,
  graceSeconds: number | undefined,
): void {
  if (lifecycle.postStart !== undefined)
    checkHandler(errors, path.child("postStart"), lifecycle.postStart, graceSeconds);
  if (lifecycle.preStop !== undefined) checkHandler(errors, path.child("preStop"), lifecycle.preStop, graceSeconds);
}

function requireOneSuccess(errors: FieldError[], path: FieldPath, probe: Probe): void {
  const threshold = probe.successThreshold ?? 0;
  if (threshold !== 1) errors.push(fieldError.invalid(path.child("successThreshold"), threshold, "must be 1"));
}

function checkProbe(errors: FieldError[], path: FieldPath, probe: Probe, graceSeconds: number | undefined): void {
  checkHandler(errors, path, probe, graceSeconds);
  requireNonNegative(errors, path.child("initialDelaySeconds"), probe.initialDelaySeconds);
  requireNonNegative(errors, path.child("timeoutSeconds"), probe.timeoutSeconds);
  requireNonNegative(errors, path.child("periodSeconds"), probe.periodSeconds);
  requireNonNegative(errors, path.child("successThreshold"), probe.successThreshold);
  requireNonNegative(errors, path.child("failureThreshold"), probe.failureThreshold);
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0)
    errors.push(fieldError.invalid(path.child("terminationGracePeriodSeconds"), grace, "must be greater than 0"));
}

/** The first action in this order is the one meant; every further one is refused. */
function checkHandler(
  errors: FieldError[],
  path: FieldPath,
  handler: ProbeHandler & LifecycleHandler,
  graceSeconds: number | undefined,
): void {
  let isFirst = true;
  const take = (name: string): boolean => {
    if (!isFirst) errors.push(fieldError.forbidden(path.child(name), "may not specify more than 1 handler type"));
    const wasFirst = isFirst;
    isFirst = false;
    return wasFirst;
  };
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (exec !== undefined && take("exec") && (exec.command ?? []).length === 0)
    errors.push(fieldError.required(path.child("exec").child("command")));
  if (httpGet !== undefined && take("httpGet")) checkHttpGet(errors, path.child("httpGet"), httpGet);
  if (tcpSocket !== undefined && take("tcpSocket"))
    checkPort(errors, path.child("tcpSocket").child("port"), tcpSocket.port);
  if (grpc !== undefined && take("grpc")) checkPort(errors, path.child("grpc").child("port"), grpc.port);
  if (sleep !== undefined && take("sleep")) checkSleep(errors, path.child("sleep"), sleep.seconds, graceSeconds);
  if (isFirst) errors.push(fieldError.required(path, "must specify a handler type"));
}

function checkHttpGet(errors: FieldError[], path: FieldPath, request: HTTPGetAction): void {
  if ((request.path ?? "") === "") errors.push(fieldError.required(path.child("path")));
  checkPort(errors, path.child("port"), request.port);
  requireOneOf(errors, path.child("scheme"), request.scheme, schemes);
  for (const header of request.httpHeaders ?? [])
    addFaults(errors, path.child("httpHeaders"), header.name, checkHttpHeaderName(header.name));
}

/** A port's number, or the name of one. */
export function checkPort(errors: FieldError[], path: FieldPath, port: number | string): void {
  addFaults(errors, path, port, typeof port === "number" ? checkPortNumber(port) : checkPortName(port));
}

function checkSleep(errors: FieldError[], path: FieldPath, seconds: number, graceSeconds: number | undefined): void {
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return;
  const detail = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
  errors.push(fieldError.invalid(path, seconds, detail));
}
