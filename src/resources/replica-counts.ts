/** What the statuses of workloads count. */
import { type FieldError, type FieldPath, fieldError } from "../api/field-error.ts";
import { requireNonNegative } from "./field-checks.ts";

/** Refuses counts below zero. */
export function checkCounts<T>(
  errors: FieldError[],
  path: FieldPath,
  status: T,
  fields: readonly (keyof T & string)[],
): void {
  for (const field of fields) requireNonNegative(errors, path.child(field), status[field] as number | undefined);
}

/** Counts of pods of which some are more than others. */
interface ReplicaCounts {
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
}

/** Refuses counts of parts that are more than the whole, and more available pods than ready ones. */
export function checkReplicaCounts<T extends ReplicaCounts>(
  errors: FieldError[],
  path: FieldPath,
  status: T,
  parts: readonly (keyof T & string)[],
  ready = "readyReplicas",
): void {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  for (const part of parts) {
    const count = (status[part] as number | undefined) ?? 0;
    if (count > replicas)
      errors.push(fieldError.invalid(path.child(part), count, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas)
    errors.push(
      fieldError.invalid(path.child("availableReplicas"), availableReplicas, `cannot be greater than ${ready}`),
    );
}

/** Refuses to count collisions of names backwards. */
export function checkCollisionCount(
  errors: FieldError[],
  path: FieldPath,
  count: number | undefined,
  old: number | undefined,
): void {
  if (old !== undefined && (count ?? 0) < old)
    errors.push(fieldError.invalid(path.child("collisionCount"), count ?? 0, "cannot be decremented"));
}
