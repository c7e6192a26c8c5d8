import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel } from "../../api/names.ts";
import type {
  RollingUpdateStatefulSetStrategy,
  StatefulSet,
  StatefulSetSpec,
  StatefulSetStatus,
  StatefulSetUpdateStrategy,
} from "../../api/types/apps-v1.ts";
import type { PodTemplateSpec, Volume } from "../../api/types/core-v1.ts";
import { addFaults, requireNonNegative, requireOneOf, sameValue } from "../field-checks.ts";
import { checkAtMostAll, checkIntOrPercent, intOrPercentValue } from "../int-or-percent.ts";
import { checkClaimSpec } from "../persistent-volume-claim/claim-spec.ts";
import { checkPodSelector, compilePodSelector, selectorForm } from "../pod-selector.ts";
import { checkCollisionCount, checkCounts, checkReplicaCounts } from "../replica-counts.ts";
import { checkStatefulTemplate } from "./template-validation.ts";

const specPath = FieldPath.of("spec");
const statusPath = FieldPath.of("status");
const frozen =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** What is tolerated of an old set. */
interface Leniency {
  /** What cannot change any more, and so is not looked at again. */
  readonly isOld: boolean;
  readonly skipsTemplate: boolean;
  readonly oldTemplate: PodTemplateSpec | undefined;
}

/** What is wrong with a new StatefulSet. */
export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  return validateSpec(spec, { isOld: false, skipsTemplate: false, oldTemplate: undefined });
}

/** What is wrong with a change of a StatefulSet. */
export function validateStatefulSetUpdate({ spec }: StatefulSet, { spec: old }: StatefulSet): FieldError[] {
  const leniency: Leniency = { isOld: true, skipsTemplate: false, oldTemplate: old.template };
  const errors = validateSpec(spec, { ...leniency, skipsTemplate: validateSpec(old, leniency).length > 0 });
  if (!sameValue(frozenPart(spec), frozenPart(old))) errors.push(fieldError.forbidden(specPath, frozen));
  return errors;
}

/** What is wrong with what is told of a StatefulSet. */
export function validateStatefulSetStatusUpdate({ status }: StatefulSet, { status: old }: StatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  checkCounts<StatefulSetStatus>(errors, statusPath, status, [
    "replicas",
    "readyReplicas",
    "currentReplicas",
    "updatedReplicas",
    "availableReplicas",
    "observedGeneration",
    "collisionCount",
  ]);
  checkReplicaCounts(
    errors,
    statusPath,
    status,
    ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"],
    "status.readyReplicas",
  );
  checkCollisionCount(errors, statusPath, status.collisionCount, old.collisionCount);
  return errors;
}

function frozenPart(spec: StatefulSetSpec): Partial<StatefulSetSpec> {
  const {
    replicas: _1,
    template: _2,
    updateStrategy: _3,
    minReadySeconds: _4,
    ordinals: _5,
    revisionHistoryLimit: _6,
    persistentVolumeClaimRetentionPolicy: _7,
    ...rest
  } = spec;
  return rest;
}

function validateSpec(spec: StatefulSetSpec, leniency: Leniency): FieldError[] {
  const errors: FieldError[] = [];
  const { podManagementPolicy: policy = "" } = spec;
  if (policy !== "OrderedReady" && policy !== "Parallel")
    errors.push(
      fieldError.invalid(specPath.child("podManagementPolicy"), policy, "must be 'OrderedReady' or 'Parallel'"),
    );
  checkStrategy(errors, specPath.child("updateStrategy"), spec.updateStrategy);
  const retentionPath = specPath.child("persistentVolumeClaimRetentionPolicy");
  for (const when of ["whenDeleted", "whenScaled"] as const)
    requireOneOf(errors, retentionPath.child(when), spec.persistentVolumeClaimRetentionPolicy?.[when], [
      "Retain",
      "Delete",
    ]);
  if (!leniency.isOld)
    for (const [index, claim] of (spec.volumeClaimTemplates ?? []).entries())
      checkClaimSpec(errors, specPath.child("volumeClaimTemplates").index(index).child("spec"), claim.spec);
  requireNonNegative(errors, specPath.child("replicas"), spec.replicas);
  requireNonNegative(errors, specPath.child("minReadySeconds"), spec.minReadySeconds);
  requireNonNegative(errors, specPath.child("ordinals.start"), spec.ordinals?.start);
  if (!leniency.isOld && spec.serviceName !== "")
    addFaults(errors, specPath.child("serviceName"), spec.serviceName, checkDnsLabel(spec.serviceName));
  checkPods(errors, spec, leniency);
  return errors;
}

function checkPods(errors: FieldError[], spec: StatefulSetSpec, leniency: Leniency): void {
  const selectorPath = specPath.child("selector");
  const templatePath = specPath.child("template");
  checkPodSelector(errors, selectorPath, spec.selector, "statefulset");
  const selector = compilePodSelector(spec.selector);
  if (selector === undefined) errors.push(fieldError.invalid(selectorPath, selectorForm(spec.selector), ""));
  else
    checkStatefulTemplate(errors, templatePath, checkedTemplate(spec), {
      selector,
      old: leniency.oldTemplate,
      skipsSpec: leniency.skipsTemplate,
    });
  const { restartPolicy = "", activeDeadlineSeconds } = spec.template.spec;
  const podPath = templatePath.child("spec");
  if (restartPolicy !== "Always")
    errors.push(fieldError.notSupported(podPath.child("restartPolicy"), restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined)
    errors.push(
      fieldError.forbidden(
        podPath.child("activeDeadlineSeconds"),
        "activeDeadlineSeconds in StatefulSet is not Supported",
      ),
    );
}

/** The template as pods will be: with volumes for the claims, and with host names that the controller gives. */
function checkedTemplate({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  const { subdomain: _1, hostname: _2, ...spec } = template.spec;
  if (volumeClaimTemplates.length === 0) return { ...template, spec };
  const claimed = new Map<string, Volume>(
    volumeClaimTemplates.map(({ metadata: { name = "" } }) => [
      name,
      { name, persistentVolumeClaim: { claimName: name } },
    ]),
  );
  const others = (spec.volumes ?? []).filter(({ name }) => !claimed.has(name));
  return { ...template, spec: { ...spec, volumes: [...claimed.values(), ...others] } };
}

function checkStrategy(errors: FieldError[], path: FieldPath, strategy: StatefulSetUpdateStrategy): void {
  const { type, rollingUpdate } = strategy;
  const form = rollingUpdate === undefined ? null : rollingForm(rollingUpdate);
  if (type === "RollingUpdate") {
    if (rollingUpdate !== undefined) checkRolling(errors, path.child("rollingUpdate"), rollingUpdate);
  } else if (type === "OnDelete") {
    if (rollingUpdate !== undefined)
      errors.push(
        fieldError.invalid(path.child("rollingUpdate"), form, "only allowed for updateStrategy 'RollingUpdate'"),
      );
  } else
    errors.push(fieldError.invalid(path, { Type: type, RollingUpdate: form }, "must be 'RollingUpdate' or 'OnDelete'"));
}

function rollingForm({ partition = 0, maxUnavailable }: RollingUpdateStatefulSetStrategy): unknown {
  return { Partition: partition, MaxUnavailable: maxUnavailable ?? null };
}

function checkRolling(errors: FieldError[], path: FieldPath, rolling: RollingUpdateStatefulSetStrategy): void {
  const { partition, maxUnavailable } = rolling;
  requireNonNegative(errors, path.child("partition"), partition);
  if (maxUnavailable === undefined) return;
  const place = path.child("maxUnavailable");
  checkIntOrPercent(errors, place, maxUnavailable);
  if (intOrPercentValue(maxUnavailable) === 0) errors.push(fieldError.invalid(place, maxUnavailable, "cannot be 0"));
  checkAtMostAll(errors, place, maxUnavailable);
}
