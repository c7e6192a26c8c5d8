import type { Input } from "../api/draft.ts";
import { type FieldRequirement, parseFieldSelector, SelectorError } from "../api/field-selector.ts";
import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import { methodNotAllowed, unsupportedMediaType } from "../api/status-error.ts";
import type { DeleteOptions } from "../api/types/meta-v1.ts";
import type { UserInfo } from "../api/user.ts";
import type {
  Client,
  ListOptions,
  ObjectKey,
  PatchType,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from "../client/client.ts";
import type { ResourceAttributes } from "./attributes.ts";
import type { Answer } from "./chain/answer.ts";
import type { Operations, ResourceRequest } from "./chain/operations.ts";
import { valueBody } from "./chain/request-body.ts";
import { checkDeleteOptions } from "./chain/request-options.ts";
import { patchFromValue } from "./chain/request-patch.ts";
import { openEventStream } from "./in-process-watch.ts";
import { inVersion } from "./object-version.ts";
import type { ResourceTable, ServedResource } from "./resource-table.ts";
import { compileSelection } from "./selection.ts";

/** What in-process clients are made of. */
export interface InProcessParts {
  readonly table: ResourceTable;
  readonly operations: Operations;
  /** @throws {StatusError} Forbidden */
  authorize(attributes: ResourceAttributes): void;
}

interface Target {
  readonly verb: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly fieldSelector?: readonly FieldRequirement[] | undefined;
}

/** A signal for callers that have none. */
const neverAborted = new AbortController().signal;

/**
 * A client that calls the server's operations directly as one user: authorised and admitted like everyone else, but
 * nothing is serialised. What it answers is shared and frozen.
 */
export function createInProcessClient(parts: InProcessParts, user: UserInfo): Client {
  const { table, operations } = parts;

  const requestFor = (resource: Resource, target: Target, signal: AbortSignal | undefined): ResourceRequest => {
    signal?.throwIfAborted();
    const served = table.of(resource);
    const { group, version, plural } = resource;
    const { verb, namespace = "", name = "", subresource = "" } = target;
    const attributes: ResourceAttributes = {
      kind: "resource",
      user,
      verb,
      group,
      version,
      resource: plural,
      subresource,
      namespace,
      name,
      ...(target.fieldSelector === undefined ? {} : { fieldSelector: target.fieldSelector }),
    };
    parts.authorize(attributes);
    const known = subresource === "" ? undefined : table.subresource(served, subresource);
    if (!allows(served, verb, known?.row.verbs, subresource)) throw methodNotAllowed();
    return {
      attributes,
      served,
      subresource: known,
      dryRun: target.dryRun ?? false,
      warn: () => undefined,
      signal: signal ?? neverAborted,
    };
  };
  const listTarget = (
    verb: string,
    options: { readonly namespace?: string; readonly fieldSelector?: string },
  ): Target => ({
    verb,
    namespace: options.namespace,
    name: onlyName(options.fieldSelector),
    fieldSelector: requirementsOf(options.fieldSelector),
  });

  return {
    async get<T extends ApiObject>(resource: Resource<T>, key: ObjectKey, signal?: AbortSignal) {
      const request = requestFor(resource as Resource, { verb: "get", ...key }, signal);
      return contentOf<T>(await operations.get(request, undefined));
    },

    async list<T extends ApiObject>(resource: Resource<T>, options: ListOptions = {}, signal?: AbortSignal) {
      const request = requestFor(resource as Resource, listTarget("list", options), signal);
      const selection = compileSelection(request.served, options);
      const page = await operations.list(request, { ...options, selection });
      return {
        items: page.objects.map((object) => inVersion(request.served, object).value as T),
        resourceVersion: String(page.revision),
        ...(page.continue === undefined ? {} : { continue: page.continue }),
      };
    },

    async *watch<T extends ApiObject>(resource: Resource<T>, options: WatchOptions, signal: AbortSignal) {
      const request = requestFor(resource as Resource, listTarget("watch", options), signal);
      const selection = compileSelection(request.served, options);
      const stream = openEventStream(request.served, signal);
      stream.start(await operations.watch(request, { ...options, selection }, stream.sink));
      yield* stream.batches as AsyncIterable<readonly WatchEvent<T>[]>;
    },

    async create<T>(
      resource: Resource<T>,
      object: Input<T>,
      options: WriteOptions & { readonly namespace?: string; readonly name?: string } = {},
      signal?: AbortSignal,
    ) {
      const metadata = metadataOf(object);
      const namespace = options.namespace ?? metadata.namespace;
      const isSubresource = options.subresource !== undefined;
      const target = {
        verb: "create",
        namespace: resource.namespaced ? namespace : undefined,
        name: isSubresource ? (options.name ?? metadata.name) : undefined,
        subresource: options.subresource,
        dryRun: options.dryRun,
      };
      const request = requestFor(resource as Resource, target, signal);
      return contentOf<T>(await operations.create(request, valueBody(object)));
    },

    async update<T extends ApiObject>(
      resource: Resource<T>,
      object: Input<T>,
      options: WriteOptions = {},
      signal?: AbortSignal,
    ) {
      const { name, namespace } = metadataOf(object);
      const { subresource, dryRun } = options;
      const request = requestFor(
        resource as Resource,
        { verb: "update", name, namespace, subresource, dryRun },
        signal,
      );
      return contentOf<T>(await operations.update(request, valueBody(object)));
    },

    async patch<T extends ApiObject>(
      resource: Resource<T>,
      key: ObjectKey,
      type: PatchType,
      patch: unknown,
      options: WriteOptions & { readonly force?: boolean } = {},
      signal?: AbortSignal,
    ) {
      const { subresource, dryRun } = options;
      const request = requestFor(resource as Resource, { verb: "patch", ...key, subresource, dryRun }, signal);
      if (type === "apply") throw unsupportedMediaType(patchMediaTypes);
      const reading = { fieldValidation: options.fieldValidation ?? "Ignore", warn: request.warn } as const;
      return contentOf<T>(await operations.patch(request, patchFromValue(type, patch, reading)));
    },

    async delete<T extends ApiObject>(
      resource: Resource<T>,
      key: ObjectKey,
      options: Input<DeleteOptions> = {},
      signal?: AbortSignal,
    ) {
      const checked = checkDeleteOptions(options as DeleteOptions);
      const request = requestFor(resource as Resource, { verb: "delete", ...key, dryRun: isDryRun(checked) }, signal);
      const answer = await operations.delete(request, checked);
      return answer.kind === "object" && !answer.isGone ? (answer.object.value as T) : undefined;
    },

    async deleteCollection(resource, selection, options = {}, signal) {
      const checked = checkDeleteOptions(options as DeleteOptions);
      const target = { ...listTarget("deletecollection", selection), dryRun: isDryRun(checked) };
      const request = requestFor(resource as Resource, target, signal);
      const compiled = compileSelection(request.served, selection);
      await operations.deleteCollection(request, { selection: compiled }, checked);
    },

    async getSubresource<S>(resource: Resource, key: ObjectKey, subresource: string, signal?: AbortSignal) {
      const request = requestFor(resource, { verb: "get", ...key, subresource }, signal);
      return contentOf<S>(await operations.get(request, undefined));
    },

    async createSubresource<S>(
      resource: Resource,
      key: ObjectKey,
      subresource: string,
      body: Input<S>,
      signal?: AbortSignal,
    ) {
      const request = requestFor(resource, { verb: "create", ...key, subresource }, signal);
      return contentOf<S>(await operations.create(request, valueBody(body)));
    },
  };
}

const patchMediaTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
];

function allows(
  served: ServedResource,
  verb: string,
  subresourceVerbs: readonly string[] | undefined,
  subresource: string,
): boolean {
  return (subresource === "" ? served.row.verbs : (subresourceVerbs ?? [])).includes(verb);
}

function contentOf<T>(answer: Answer): T {
  return (answer.kind === "object" ? answer.object.value : answer.value) as T;
}

function metadataOf(object: unknown): { readonly name?: string; readonly namespace?: string } {
  return (
    (object as { readonly metadata?: { readonly name?: string; readonly namespace?: string } | null }).metadata ?? {}
  );
}

/** The name that a selector asks for alone, which authorisation by name may allow. */
function onlyName(fieldSelector: string | undefined): string | undefined {
  return /^metadata\.name=+([^,=!\\]+)$/.exec(fieldSelector ?? "")?.[1];
}

/** Undefined for a selector that says nothing or cannot be read: that is reported when the request is carried out. */
function requirementsOf(fieldSelector: string | undefined): readonly FieldRequirement[] | undefined {
  if (fieldSelector === undefined || fieldSelector === "") return undefined;
  try {
    return parseFieldSelector(fieldSelector).requirements;
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

function isDryRun(options: DeleteOptions): boolean {
  return (options.dryRun ?? []).length > 0;
}
