import type { ApiObject } from "../../api/metadata.ts";
import type { Namespace } from "../../api/types/core-v1.ts";
import type { DeleteOptions } from "../../api/types/meta-v1.ts";
import { formatTime, parseTime } from "../../base/clock.ts";
import type { ResourceDefinition } from "../../resources/definition.ts";

/** Finalizers that ask the garbage collector to act before the object goes. */
const orphanFinalizer = "orphan";
const foregroundFinalizer = "foregroundDeletion";

/** What deleting an object comes to. */
export type DeletePlan =
  /** It is going already, and not sooner for this request. */
  | { readonly kind: "pending" }
  /** It goes now. */
  | { readonly kind: "remove" }
  /** It is marked; `thenRemove` when nothing is waited for. */
  | { readonly kind: "mark"; readonly marks: DeletionMarks; readonly thenRemove: boolean };

/** What is written into an object that is going to be deleted. */
export interface DeletionMarks {
  readonly deletionTimestamp: string;
  readonly deletionGracePeriodSeconds: number | undefined;
  readonly finalizers: readonly string[];
  readonly generation: number | undefined;
  /** The phase that shows a namespace's end. */
  readonly phase?: "Terminating";
}

/** How a kind is deleted. */
export interface DeletionRules {
  /** Undefined for kinds that go at once. */
  readonly gracefulDelete: ResourceDefinition<ApiObject>["gracefulDelete"];
  /** `unsupported` for kinds that the garbage collector leaves alone. */
  readonly propagation: "background" | "orphan" | "unsupported";
}

type Options = Pick<DeleteOptions, "gracePeriodSeconds" | "orphanDependents" | "propagationPolicy">;

/**
 * Decides what a delete request does to an object.
 * Source: Kubernetes documentation, "Garbage Collection" and "Finalizers"; grace as kube-apiserver v1.36 handles it.
 */
export function planDelete(object: ApiObject, rules: DeletionRules, options: Options, nowMs: number): DeletePlan {
  const grace = planGrace(object, rules, options, nowMs);
  if (grace === "pending") return { kind: "pending" };
  const { metadata } = object;
  const finalizers = planFinalizers(metadata.finalizers ?? [], rules, options);
  const isWaiting = finalizers.length > 0;
  if (grace !== undefined) {
    const { graceSeconds, deletionTimestamp, isFirst } = grace;
    return {
      kind: "mark",
      marks: {
        deletionTimestamp,
        deletionGracePeriodSeconds: graceSeconds,
        finalizers,
        generation: isFirst ? nextGeneration(metadata.generation) : metadata.generation,
      },
      thenRemove: !isWaiting && graceSeconds === 0,
    };
  }
  if (!isWaiting) return { kind: "remove" };
  const existingMs = parseTime(metadata.deletionTimestamp);
  return {
    kind: "mark",
    marks: {
      deletionTimestamp:
        existingMs === undefined || existingMs > nowMs ? formatTime(nowMs) : (metadata.deletionTimestamp as string),
      deletionGracePeriodSeconds: 0,
      finalizers,
      generation: existingMs === undefined ? nextGeneration(metadata.generation) : metadata.generation,
    },
    thenRemove: false,
  };
}

/**
 * Decides what a delete request does to a namespace: it is marked first, and goes when whoever holds it through
 * `spec.finalizers` has let go.
 */
export function planNamespaceDelete(namespace: Namespace, options: Options, nowMs: number): DeletePlan {
  const { metadata, spec } = namespace;
  const finalizers = metadata.finalizers ?? [];
  if (metadata.deletionTimestamp === undefined) {
    const marks: DeletionMarks = {
      deletionTimestamp: formatTime(nowMs),
      deletionGracePeriodSeconds: undefined,
      finalizers: planFinalizers(finalizers, { propagation: "background" }, withForeground(options)),
      generation: metadata.generation,
      phase: "Terminating",
    };
    return { kind: "mark", marks, thenRemove: false };
  }
  if ((spec.finalizers ?? []).length > 0) return { kind: "pending" };
  return planDelete(namespace as ApiObject, { gracefulDelete: undefined, propagation: "background" }, options, nowMs);
}

/** For namespaces the old option means foreground where it does not mean orphan. */
function withForeground({ orphanDependents, propagationPolicy }: Options): Options {
  if (orphanDependents === false) return { propagationPolicy: "Foreground" };
  return orphanDependents === true
    ? { orphanDependents }
    : propagationPolicy === undefined
      ? {}
      : { propagationPolicy };
}

interface Grace {
  readonly graceSeconds: number;
  readonly deletionTimestamp: string;
  /** The object was not being deleted before. */
  readonly isFirst: boolean;
}

/** @returns undefined when no grace is given, `pending` when the object is going already and not sooner for this */
function planGrace(
  object: ApiObject,
  { gracefulDelete }: DeletionRules,
  options: Options,
  nowMs: number,
): Grace | "pending" | undefined {
  if (gracefulDelete === undefined) return undefined;
  // A negative period counts as one second.
  const requested = atLeastZero(options.gracePeriodSeconds);
  const existing = atLeastZero(object.metadata.deletionGracePeriodSeconds);
  const deletionMs = parseTime(object.metadata.deletionTimestamp);
  if (deletionMs === undefined) {
    const { graceSeconds } = gracefulDelete(object, requested);
    return { graceSeconds, deletionTimestamp: formatTime(nowMs + graceSeconds * 1000), isFirst: true };
  }
  if (existing === undefined || existing === 0) return undefined;
  if (requested === undefined || requested >= existing) return "pending";
  const sooner = deletionMs + (requested - existing) * 1000;
  if (sooner >= nowMs) return { graceSeconds: requested, deletionTimestamp: formatTime(sooner), isFirst: false };
  // The shorter period is over already: the agent still gets its moment when one was asked for.
  return { graceSeconds: Math.min(requested, 1), deletionTimestamp: formatTime(nowMs), isFirst: false };
}

type Propagation = Pick<DeletionRules, "propagation">;

function planFinalizers(existing: readonly string[], rules: Propagation, options: Options): readonly string[] {
  const wanted = rules.propagation === "unsupported" ? undefined : collectorFinalizer(existing, rules, options);
  const others = existing.filter((name) => name !== orphanFinalizer && name !== foregroundFinalizer);
  const planned = wanted === undefined ? others : [...others, wanted];
  const isSame = planned.length === existing.length && planned.every((name) => existing.includes(name));
  return isSame ? existing : planned;
}

/** The request decides before the object, and the object before its kind. */
function collectorFinalizer(existing: readonly string[], rules: Propagation, options: Options): string | undefined {
  if (options.orphanDependents !== undefined) return options.orphanDependents ? orphanFinalizer : undefined;
  switch (options.propagationPolicy) {
    case "Orphan":
      return orphanFinalizer;
    case "Foreground":
      return foregroundFinalizer;
    case "Background":
      return undefined;
    default:
  }
  const own = existing.find((name) => name === orphanFinalizer || name === foregroundFinalizer);
  if (own !== undefined) return own;
  return rules.propagation === "orphan" ? orphanFinalizer : undefined;
}

function atLeastZero(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds < 0 ? 1 : seconds;
}

function nextGeneration(generation: number | undefined): number | undefined {
  return generation === undefined || generation === 0 ? generation : generation + 1;
}
