import type { Draft } from "../api/draft.ts";
import type { ApiObject } from "../api/metadata.ts";
import type { ResourceAttributes } from "./attributes.ts";

/** A write on its way in, after decoding and defaulting. */
export interface AdmissionRequest {
  readonly attributes: ResourceAttributes;
  readonly operation: "create" | "update" | "delete" | "connect";
  /** The new object; undefined for delete. Plugins that mutate change it. Sub-resources bring their own kind. */
  readonly object: Draft<ApiObject> | undefined;
  /** The object as stored; undefined for create. */
  readonly oldObject: ApiObject | undefined;
  readonly dryRun: boolean;
  /** Adds a `Warning` header to the answer. */
  warn(message: string): void;
}

/** A built-in step that may change or refuse a write. Both parts are optional; all `admit` run before any `validate`. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Says which requests it wants to see; cheap. */
  handles(attributes: ResourceAttributes, operation: AdmissionRequest["operation"]): boolean;
  /** Changes the object. @throws {StatusError} to refuse */
  admit?(request: AdmissionRequest, signal: AbortSignal): void | Promise<void>;
  /** Checks the final object. @throws {StatusError} to refuse */
  validate?(request: AdmissionRequest, signal: AbortSignal): void | Promise<void>;
}
