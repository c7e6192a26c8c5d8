import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsSubdomain, checkLabelKey } from "../../api/names.ts";
import type { Event } from "../../api/types/core-v1.ts";
import { utf8Length } from "../../api/utf8.ts";
import { addFaults, requireSame, requireText, sameValue } from "../field-checks.ts";

const maxNameBytes = 128;
const maxMessageBytes = 1024;

/** What is wrong with an event of the core group, new or changed: whatever old clients ever sent is let pass. */
export function validateEvent(event: Event): FieldError[] {
  return checkEvent(event, "reportingComponent");
}

/** What is wrong with a new event of the group `events.k8s.io`. */
export function validateStrictEvent(event: Event): FieldError[] {
  const errors = checkEvent(event, "reportingController");
  checkSeries(errors, event);
  if (event.eventTime === null) errors.push(fieldError.required(FieldPath.of("eventTime")));
  if (event.type !== "Normal" && event.type !== "Warning")
    errors.push(fieldError.invalid(FieldPath.of("type"), "", `has invalid value: ${event.type ?? ""}`));
  const refuse = (field: string): void => {
    errors.push(fieldError.invalid(FieldPath.of(field), "", "needs to be unset"));
  };
  if (event.firstTimestamp !== null) refuse("firstTimestamp");
  if (event.lastTimestamp !== null) refuse("lastTimestamp");
  if ((event.count ?? 0) !== 0) refuse("count");
  if (event.source.component !== undefined || event.source.host !== undefined) refuse("source");
  return errors;
}

/** What is wrong with a change of an event of the group `events.k8s.io`: only its series goes on. */
export function validateStrictEventUpdate(event: Event, old: Event): FieldError[] {
  const errors = checkEvent(event, "reportingController");
  if (!sameValue(event.series, old.series)) checkSeries(errors, event);
  const keep = (field: keyof Event, path: string = field): void => {
    requireSame(errors, FieldPath.of(path), event[field] ?? emptyOf(old[field]), old[field] ?? emptyOf(event[field]));
  };
  keep("involvedObject");
  keep("reason");
  keep("message");
  keep("source");
  keep("firstTimestamp");
  keep("lastTimestamp");
  keep("count");
  keep("reason");
  keep("type");
  keep("eventTime");
  keep("action");
  keep("related");
  keep("reportingComponent", "reportingController");
  keep("reportingInstance");
  return errors;
}

/** What an absent field stands for beside a value of its type. */
function emptyOf(value: unknown): unknown {
  if (typeof value === "string") return "";
  return typeof value === "number" ? 0 : null;
}

function checkSeries(errors: FieldError[], event: Event): void {
  if (event.series === undefined) return;
  if ((event.series.count ?? 0) < 2)
    errors.push(fieldError.invalid(FieldPath.of("series.count"), "", "should be at least 2"));
  if (event.series.lastObservedTime === null) errors.push(fieldError.required(FieldPath.of("series.lastObservedTime")));
}

/** @param controllerField what the version of the request calls the field that says who reports */
function checkEvent(event: Event, controllerField: string): FieldError[] {
  const errors: FieldError[] = [];
  const { namespace } = event.metadata;
  const { namespace: about = "" } = event.involvedObject;
  const isNew = event.eventTime !== null;
  const elsewhere = isNew
    ? about === "" && namespace !== "default" && namespace !== "kube-system"
    : about === ""
      ? namespace !== "default"
      : namespace !== about;
  if (elsewhere)
    errors.push(
      fieldError.invalid(FieldPath.of("involvedObject").child("namespace"), about, "does not match event.namespace"),
    );
  if (isNew) checkNewForm(errors, event, controllerField);
  addFaults(errors, FieldPath.of("namespace"), namespace, checkDnsSubdomain(namespace));
  return errors;
}

function checkNewForm(errors: FieldError[], event: Event, controllerField: string): void {
  const { reportingComponent, message = "" } = event;
  requireText(errors, FieldPath.of(controllerField), reportingComponent);
  addFaults(errors, FieldPath.of(controllerField), reportingComponent, checkLabelKey(reportingComponent));
  for (const field of ["reportingInstance", "action", "reason"] as const) {
    const path = FieldPath.of(field);
    const value = event[field] ?? "";
    requireText(errors, path, value);
    if (utf8Length(value) > maxNameBytes)
      errors.push(fieldError.invalid(path, "", `can have at most ${maxNameBytes} characters`));
  }
  if (utf8Length(message) > maxMessageBytes)
    errors.push(fieldError.invalid(FieldPath.of("message"), "", `can have at most ${maxMessageBytes} characters`));
}
