import { decodeObject } from "../api/decode.ts";
import type { Draft, Input } from "../api/draft.ts";
import { findKind } from "../api/kinds.ts";
import type { ApiObject } from "../api/metadata.ts";
import { apiVersionOf, type Resource } from "../api/resource.ts";
import { createSchemaRegistry } from "../api/schema.ts";
import { StatusError } from "../api/status-error.ts";
import type { UserInfo } from "../api/user.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../apiserver/admission.ts";
import { definitionOf } from "../resources/catalog.ts";

/** A write for an admission plugin to look at. */
export interface TestWrite<T> {
  readonly resource: Resource<T>;
  readonly object?: Input<T>;
  readonly old?: Input<T>;
  readonly subresource?: string;
  /** Default: what `object` and `old` make it. */
  readonly operation?: AdmissionRequest["operation"];
  /** Default: a user without rights. */
  readonly user?: UserInfo;
  /** The name in the path. Default: that of the object. */
  readonly name?: string;
  /** The kind of the body, `<group>.<version>.<Type>`, when it is not that of the resource. */
  readonly type?: string;
  /** Called with each warning. */
  readonly warn?: (message: string) => void;
}

const schemas = createSchemaRegistry();

/** Runs one plugin over a write as the server would: the object as it is afterwards, or the message of the refusal. */
export async function admitWith<T extends ApiObject>(
  plugin: AdmissionPlugin,
  write: TestWrite<T>,
): Promise<T | string> {
  const { resource } = write;
  const object = write.object === undefined ? undefined : (complete(write, write.object) as Draft<ApiObject>);
  const oldObject = write.old === undefined ? undefined : (complete(write, write.old) as ApiObject);
  const metadata = (object ?? oldObject)?.metadata;
  const operation =
    write.operation ?? (oldObject === undefined ? "create" : object === undefined ? "delete" : "update");
  const attributes = {
    kind: "resource",
    user: write.user ?? { username: "jane", groups: [] },
    verb: operation,
    group: resource.group,
    version: resource.version,
    resource: resource.plural,
    subresource: write.subresource ?? "",
    namespace: resource.namespaced ? (metadata?.namespace ?? "ns") : "",
    name: write.name ?? metadata?.name ?? "",
  } as const;
  if (!plugin.handles(attributes, operation)) return object as unknown as T;
  const request = { attributes, operation, object, oldObject, dryRun: false, warn: write.warn ?? (() => undefined) };
  const { signal } = new AbortController();
  try {
    await plugin.admit?.(request, signal);
    await plugin.validate?.(request, signal);
    return request.object as unknown as T;
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
}

function complete<T>(write: TestWrite<T>, input: Input<T>): unknown {
  const { resource } = write;
  const type = write.type ?? findKind(apiVersionOf(resource), resource.kind)?.type;
  if (type === undefined) throw new Error(`no kind ${resource.kind}`);
  const given = input as { readonly metadata?: object };
  const namespace = resource.namespaced ? { namespace: "ns" } : {};
  const whole = {
    kind: resource.kind,
    apiVersion: apiVersionOf(resource),
    ...given,
    metadata: { name: "x", ...namespace, ...given.metadata },
  };
  const { object } = decodeObject<Draft<ApiObject>>(schemas.struct(type), whole);
  if (write.type === undefined) definitionOf(resource as Resource).applyDefaults?.(object);
  return object;
}
