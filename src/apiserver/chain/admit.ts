import type { ApiObject } from "../../api/metadata.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { ObjectDraft, WriteRequest } from "../registry/write-request.ts";

/** The admission stage: all plugins in order. */
export interface AdmissionStage {
  /** Lets plugins change the object. @throws {StatusError} when one refuses */
  admit(request: AdmissionRequest, signal: AbortSignal): Promise<void>;
  /** Lets plugins check the final object. @throws {StatusError} when one refuses */
  validate(request: AdmissionRequest, signal: AbortSignal): Promise<void>;
}

/** Creates the stage. */
export function createAdmissionStage(plugins: readonly AdmissionPlugin[]): AdmissionStage {
  const admitting = plugins.filter((plugin) => plugin.admit !== undefined);
  const validating = plugins.filter((plugin) => plugin.validate !== undefined);
  return {
    async admit(request, signal) {
      for (const plugin of admitting) {
        if (!plugin.handles(request.attributes, request.operation)) continue;
        // Most answer at once: waiting for them would cost every write a turn each.
        const pending = plugin.admit?.(request, signal);
        if (pending !== undefined) await pending;
      }
    },
    async validate(request, signal) {
      for (const plugin of validating) {
        if (!plugin.handles(request.attributes, request.operation)) continue;
        const pending = plugin.validate?.(request, signal);
        if (pending !== undefined) await pending;
      }
    },
  };
}

/** What admission sees of a write. The name is that of the object when the request has none. */
export function admissionRequest(
  request: WriteRequest,
  operation: AdmissionRequest["operation"],
  object: ObjectDraft | undefined,
  oldObject: ApiObject | undefined,
): AdmissionRequest {
  const name = request.attributes.name === "" ? ((object ?? oldObject)?.metadata?.name ?? "") : request.attributes.name;
  return {
    attributes: name === request.attributes.name ? request.attributes : { ...request.attributes, name },
    operation,
    object,
    oldObject,
    dryRun: request.dryRun,
    warn: request.warn,
  };
}
