import type { Draft } from "../../api/draft.ts";
import { encodeJsonBytes } from "../../api/json.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { badRequest, methodNotAllowed, notFound } from "../../api/status-error.ts";
import type { Scale } from "../../api/types/autoscaling-v1.ts";
import type { DeleteOptions, ObjectMeta } from "../../api/types/meta-v1.ts";
import type { Store } from "../../storage/store.ts";
import type { Authorizer } from "../authorization.ts";
import { forbiddenRequest } from "../forbidden.ts";
import { type ListPage, type ListRequest, listObjects } from "../read/list.ts";
import { parseVersionOfGet } from "../read/resource-version.ts";
import { type WatchRequest, watchObjects } from "../read/watch.ts";
import { createObject } from "../registry/create.ts";
import { deleteObject } from "../registry/delete.ts";
import { deleteCollection } from "../registry/delete-collection.ts";
import { ensureNamespace } from "../registry/object-metadata.ts";
import type { RegistryParts } from "../registry/registry-parts.ts";
import { updateStrategy } from "../registry/strategy.ts";
import { updateObject } from "../registry/update.ts";
import { keyIn, named, type ObjectDraft, type WriteRequest } from "../registry/write-request.ts";
import type { ServedResource, ServedSubresource } from "../resource-table.ts";
import type { Selection } from "../selection.ts";
import type { SpecialResource } from "../special-resource.ts";
import { StoredObject } from "../stored-object.ts";
import { scaleOf, withScale } from "../subresources/scale.ts";
import type { Watcher, WatchSink } from "../watch-cache/watcher.ts";
import { admissionRequest } from "./admit.ts";
import { type Answer, deleteAnswer, objectAnswer, valueAnswer } from "./answer.ts";
import type { BodyKind, RequestBody } from "./request-body.ts";
import type { RequestPatch } from "./request-patch.ts";

/** A request for a resource that has passed authentication and authorisation. */
export interface ResourceRequest extends WriteRequest {
  /** Undefined for the resource itself. */
  readonly subresource: ServedSubresource | undefined;
}

/** What can be done with resources: the same for every way by which requests come in. */
export interface Operations {
  get(request: ResourceRequest, resourceVersion: string | undefined): Promise<Answer>;
  list(request: ResourceRequest, list: ListRequest): Promise<ListPage>;
  watch(request: ResourceRequest, watch: WatchRequest, sink: WatchSink): Promise<Watcher>;
  create(request: ResourceRequest, body: RequestBody): Promise<Answer>;
  update(request: ResourceRequest, body: RequestBody): Promise<Answer>;
  patch(request: ResourceRequest, patch: RequestPatch): Promise<Answer>;
  delete(request: ResourceRequest, options: DeleteOptions): Promise<Answer>;
  deleteCollection(request: ResourceRequest, list: ListRequest, options: DeleteOptions): Promise<ListPage>;
}

/** Creates the operations over a registry. */
export function createOperations(parts: {
  readonly registry: RegistryParts;
  readonly store: Store;
  readonly authorizer: Authorizer;
  specialOf(served: ServedResource, subresource: string): SpecialResource | undefined;
}): Operations {
  const { registry, specialOf } = parts;
  const { cache } = registry;

  const stored = (request: ResourceRequest): StoredObject => {
    const { served, attributes } = request;
    const object = cache.of(served).get(keyIn(served, attributes.namespace, attributes.name));
    if (object === undefined) throw notFound(named(request), attributes.name);
    return object;
  };
  const authorizeCreate = (request: ResourceRequest) => (): void => {
    const attributes = { ...request.attributes, verb: "create" };
    const decision = parts.authorizer.authorize(attributes);
    if (decision.outcome !== "allow") throw forbiddenRequest(attributes, decision.reason);
  };
  const isScale = (request: ResourceRequest): boolean => request.subresource?.row.name === "scale";

  /** The common part of update and patch of objects in their own kind. */
  const replace = async (
    request: ResourceRequest,
    build: (current: ApiObject | undefined) => ObjectDraft,
    uid: string | undefined,
    mayCreate: boolean,
  ): Promise<Answer> => {
    const strategy = updateStrategy(request.served, request.attributes.subresource);
    if (strategy === undefined) throw methodNotAllowed();
    const update = { strategy, build, uid, ...(mayCreate ? { authorizeCreate: authorizeCreate(request) } : {}) };
    const { object, isCreated } = await updateObject(registry, request, update);
    return objectAnswer(request.served, object, isCreated ? 201 : 200);
  };
  const replaceScale = async (
    request: ResourceRequest,
    scaleFor: (current: Scale) => Scale,
    uid: string | undefined,
  ): Promise<Answer> => {
    const { served } = request;
    const access = served.storedAs.definition.scale;
    const strategy = updateStrategy(served, "");
    if (access === undefined || strategy === undefined) throw methodNotAllowed();
    const { object } = await updateObject(registry, request, {
      strategy,
      uid,
      build(current) {
        if (current === undefined) throw notFound(named(request), request.attributes.name);
        const scale = scaleFor(scaleOf(current, access));
        checkNames(scale as Draft<Scale>, request);
        return withScale(current, access, scale);
      },
    });
    return valueAnswer(scaleOf(object.value, access));
  };

  return {
    async get(request, resourceVersion) {
      const { served, attributes } = request;
      const special = specialOf(served, attributes.subresource);
      if (special?.get !== undefined) return valueAnswer(await special.get(request, request.signal));
      if (!isScale(request) && updateStrategy(served, attributes.subresource) === undefined) throw methodNotAllowed();
      const wanted = parseVersionOfGet(resourceVersion);
      if (wanted !== undefined && wanted > cache.revision) await cache.waitFor(wanted, request.signal);
      const object = stored(request);
      const access = served.storedAs.definition.scale;
      if (!isScale(request)) return objectAnswer(served, object);
      if (access === undefined) throw methodNotAllowed();
      return valueAnswer(scaleOf(object.value, access));
    },

    async list(request, list) {
      const { served } = request;
      const special = specialOf(served, "");
      if (special?.list === undefined) return listObjects({ cache, store: parts.store }, served, list, request.signal);
      return computedPage(await special.list(request, request.signal), list.selection);
    },

    watch: (request, watch, sink) => watchObjects(cache, request.served, watch, sink, request.signal),

    async create(request, body) {
      const { served, subresource, attributes } = request;
      const special = specialOf(served, attributes.subresource);
      if (special?.create !== undefined) return createSpecial(registry, special, request, body);
      if (subresource !== undefined || !served.isStored) throw methodNotAllowed();
      return objectAnswer(served, await createObject(registry, request, readObject(served, body)), 201);
    },

    async update(request, body) {
      const { served, subresource } = request;
      if (isScale(request) && subresource?.own !== undefined) {
        const { own } = subresource;
        const scale = body.read(own) as Draft<Scale> as Scale;
        return replaceScale(request, () => scale, scale.metadata.uid);
      }
      let next: ObjectDraft | undefined = readObject(served, body);
      checkNames(next, request);
      const { uid } = next.metadata;
      const build = (): ObjectDraft => {
        // The first attempt takes what was read above; each may change what it is given.
        const draft = next ?? readObject(served, body);
        next = undefined;
        return draft;
      };
      return replace(request, build, uid === "" ? undefined : uid, subresource === undefined);
    },

    async patch(request, patch) {
      const { served, subresource } = request;
      if (isScale(request) && subresource?.own !== undefined) {
        const { own } = subresource;
        return replaceScale(request, (current) => patch.applyTo(current, own) as Draft<ApiObject> as Scale, undefined);
      }
      const build = (current: ApiObject | undefined): ObjectDraft => {
        if (current === undefined) throw notFound(named(request), request.attributes.name);
        const shown = served.definition.conversion?.fromStored(current) ?? current;
        const draft = toStored(served, patch.applyTo(shown, bodyKind(served)));
        checkNames(draft, request);
        return draft;
      };
      return replace(request, build, undefined, false);
    },

    async delete(request, options) {
      const result = await deleteObject(registry, request, options);
      const isAccepted = !result.isGone && options.orphanDependents === false;
      return deleteAnswer(request.served, result, isAccepted ? 202 : 200);
    },

    async deleteCollection(request, list, options) {
      const page = await listObjects({ cache, store: parts.store }, request.served, list, request.signal);
      await deleteCollection(registry, request, page, options);
      return page;
    },
  };
}

async function createSpecial(
  registry: RegistryParts,
  special: SpecialResource,
  request: ResourceRequest,
  body: RequestBody,
): Promise<Answer> {
  const { served, subresource, attributes } = request;
  const draft = body.read(subresource?.own ?? bodyKind(served));
  if (draft.metadata !== undefined)
    ensureNamespace(draft.metadata, served.resource.namespaced ? attributes.namespace : "");
  if (subresource?.own === undefined) served.definition.applyDefaults?.(draft);
  const admission = admissionRequest(request, "create", draft, undefined);
  await registry.admission.admit(admission, request.signal);
  await registry.admission.validate(admission, request.signal);
  return valueAnswer((await special.create?.(request, draft, request.signal)) as object, 201);
}

/** Everything that a special resource has to show, on one page. */
function computedPage(items: readonly object[], selection: Selection): ListPage {
  const objects = (items as readonly ApiObject[]).map((item) => {
    const { name, namespace = "" } = item.metadata;
    return StoredObject.made(namespace === "" ? name : `${namespace}/${name}`, 0, item, encodeJsonBytes);
  });
  return { objects: objects.filter(selection.matches), revision: 0, continue: undefined, remaining: undefined };
}

function bodyKind(served: ServedResource): BodyKind {
  return { apiVersion: served.apiVersion, kind: served.resource.kind, schema: served.schema };
}

/** Reads a body as an object of a resource, with defaults, in the stored version. */
function readObject(served: ServedResource, body: RequestBody): ObjectDraft {
  return toStored(served, body.read(bodyKind(served)));
}

function toStored(served: ServedResource, draft: ObjectDraft): ObjectDraft {
  served.definition.applyDefaults?.(draft);
  const { conversion } = served.definition;
  if (conversion === undefined) return draft;
  const stored = conversion.toStored(draft) as ObjectDraft;
  served.storedAs.definition.applyDefaults?.(stored);
  return stored;
}

/**
 * The names inside an object must be those of the request.
 * @throws {StatusError} BadRequest
 */
function checkNames(object: { metadata: Draft<ObjectMeta> }, request: ResourceRequest): void {
  const { name, namespace } = request.attributes;
  ensureNamespace(object.metadata, request.served.resource.namespaced ? namespace : "");
  const given = object.metadata.name ?? "";
  if (given === "")
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (given !== name)
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}
