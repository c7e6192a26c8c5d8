import type { ApiObject } from "../../api/metadata.ts";
import { podDisruptionBudgets, pods } from "../../api/resources.ts";
import {
  badRequest,
  conflict,
  forbidden,
  fromStatus,
  hasReason,
  notFound,
  type StatusError,
  tooManyRequests,
  unknownFailure,
} from "../../api/status-error.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import type { DeleteOptions, Status } from "../../api/types/meta-v1.ts";
import type { Eviction, PodDisruptionBudget } from "../../api/types/policy-v1.ts";
import { budgetObstacle, markEvicted, planEviction, spendBudget, stillProcessed } from "../../resources/eviction.ts";
import { amendObject } from "../registry/amend.ts";
import { deleteObject } from "../registry/delete.ts";
import type { RegistryParts } from "../registry/registry-parts.ts";
import type { ResourceTable } from "../resource-table.ts";
import { selectAll } from "../selection.ts";
import type { SpecialRequest, SpecialResource } from "../special-resource.ts";

/** Times that an eviction is decided anew because its pod changed meanwhile. */
const maxAttempts = 20;
const refusal = "Cannot evict pod as it would violate the pod's disruption budget.";
const budgetGroup = { group: "policy", plural: "poddisruptionbudget" };

/** `pods/eviction`: deletes a pod if its disruption budget allows it. */
export function createEvictionResource(parts: RegistryParts, table: ResourceTable): SpecialResource<Eviction> {
  return {
    resource: pods,
    subresource: "eviction",
    async create(request, body, signal): Promise<Status> {
      const eviction = body as Eviction;
      if (eviction.metadata.name !== request.attributes.name)
        throw badRequest("name in URL does not match name in Eviction object");
      const options = withDryRun(eviction.deleteOptions, request.dryRun);
      const wantsVersion = options.preconditions?.resourceVersion !== undefined;
      for (let attempt = 1; ; attempt += 1) {
        try {
          await evict({ parts, table, request, signal }, options, wantsVersion);
          return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
        } catch (error) {
          if (wantsVersion || attempt === maxAttempts || !hasReason(error, "Conflict")) throw error;
        }
      }
    },
  };
}

interface EvictionContext {
  readonly parts: RegistryParts;
  readonly table: ResourceTable;
  readonly request: SpecialRequest;
  readonly signal: AbortSignal;
}

async function evict(context: EvictionContext, options: DeleteOptions, wantsVersion: boolean): Promise<void> {
  const { parts, table, request } = context;
  const { namespace, name } = request.attributes;
  const pod = parts.cache.of(table.of(pods)).get(`${namespace}/${name}`)?.value as Pod | undefined;
  if (pod === undefined) throw notFound(pods, name);
  const budgetKind = table.of(podDisruptionBudgets);
  const budgets = parts.cache
    .of(budgetKind)
    .select(selectAll(budgetKind, namespace))
    .map((object) => object.value as PodDisruptionBudget);
  const plan = planEviction(pod, budgets);
  if (plan.kind === "ambiguous")
    throw unknownFailure(
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    );
  if (plan.kind === "spend") await spend(context, plan.budget.metadata.name, isDryRun(options));
  const atVersion =
    plan.kind === "delete" && plan.atVersion && !wantsVersion ? pod.metadata.resourceVersion : undefined;
  await markAndDelete(context, withVersion(options, atVersion));
}

/** @throws {StatusError} TooManyRequests when the budget does not pay */
async function spend({ parts, table, request }: EvictionContext, budgetName: string, dryRun: boolean): Promise<void> {
  const { namespace, name } = request.attributes;
  const change = (budget: PodDisruptionBudget & ApiObject): PodDisruptionBudget & ApiObject => {
    const obstacle = budgetObstacle(budget);
    if (obstacle?.kind === "behind") throw overBudget(10, stillProcessed(budgetName));
    if (obstacle?.kind === "exhausted") throw overBudget(0, obstacle.message);
    if (obstacle !== undefined) throw forbidden(budgetGroup, budgetName, obstacle.message);
    return spendBudget(budget, name, parts.clock.nowMs()) as PodDisruptionBudget & ApiObject;
  };
  await amendObject(parts, table.of(podDisruptionBudgets), { namespace, name: budgetName }, change, dryRun);
}

async function markAndDelete(
  { parts, table, request, signal }: EvictionContext,
  options: DeleteOptions,
): Promise<void> {
  const served = table.of(pods);
  const dryRun = isDryRun(options);
  let checked = options;
  if (!dryRun) {
    const change = (pod: Pod): Pod => {
      checkPreconditions(pod, options);
      return markEvicted(pod, parts.clock.nowMs());
    };
    const marked = await amendObject(parts, served, request.attributes, change, false);
    if (options.preconditions?.resourceVersion !== undefined)
      checked = withVersion(options, marked.value.metadata.resourceVersion);
  }
  const { warn } = request;
  const attributes = { ...request.attributes, verb: "delete", subresource: "" };
  await deleteObject(parts, { attributes, served, dryRun, warn, signal, skipsAdmission: true }, checked);
}

function checkPreconditions(pod: Pod, { preconditions = {} }: DeleteOptions): void {
  const { uid = "", resourceVersion = "" } = preconditions;
  const fail = (why: string): StatusError => conflict({ group: "", plural: "Pod" }, pod.metadata.name, why);
  if (uid !== "" && uid !== pod.metadata.uid)
    throw fail(
      `the UID in the precondition (${uid}) does not match the UID in record (${pod.metadata.uid}). ` +
        "The object might have been deleted and then recreated",
    );
  if (resourceVersion !== "" && resourceVersion !== pod.metadata.resourceVersion)
    throw fail(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record ` +
        `(${pod.metadata.resourceVersion}). The object might have been modified`,
    );
}

function overBudget(retryAfterSeconds: number, message: string): StatusError {
  const { status } = tooManyRequests(refusal, retryAfterSeconds);
  return fromStatus({ ...status, details: { causes: [{ reason: "DisruptionBudget", message }], ...status.details } });
}

/** The dry run of the request and that of the options in its body must not contradict. */
function withDryRun(given: DeleteOptions | undefined, dryRun: boolean): DeleteOptions {
  const options = given ?? ({} as DeleteOptions);
  return dryRun && (options.dryRun ?? []).length === 0 ? { ...options, dryRun: ["All"] } : options;
}

function isDryRun(options: DeleteOptions): boolean {
  return (options.dryRun ?? []).length > 0;
}

function withVersion(options: DeleteOptions, resourceVersion: string | undefined): DeleteOptions {
  if (resourceVersion === undefined) return options;
  return { ...options, preconditions: { ...options.preconditions, resourceVersion } };
}
