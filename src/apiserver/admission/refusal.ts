import { forbidden, hasReason, type StatusError } from "../../api/status-error.ts";
import type { AdmissionRequest } from "../admission.ts";

/** 403 from an admission plugin: `pods "web" is forbidden: <why>`. Names are not generated yet, so the prefix serves. */
export function refuse(request: AdmissionRequest, why: string): StatusError {
  const { group, resource, name } = request.attributes;
  const metadata = request.object?.metadata;
  const shown = name || metadata?.name || metadata?.generateName || "Unknown";
  return forbidden({ group, plural: resource }, shown, why);
}

/** As `refuse`, with the text of an error; a refusal is passed on as it is. */
export function refuseWith(request: AdmissionRequest, error: unknown): StatusError {
  if (hasReason(error, "Forbidden")) return error;
  return refuse(request, error instanceof Error ? error.message : String(error));
}
