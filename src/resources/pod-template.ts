/** What workloads that make pods of a template share. */
import { type FieldError, FieldPath, fieldError } from "../api/field-error.ts";
import type { LabelMatcher } from "../api/label-selector.ts";
import { checkDnsLabel } from "../api/names.ts";
import type { PodTemplateSpec } from "../api/types/core-v1.ts";
import { textColumn } from "../printing/table-columns.ts";
import { checkPodTemplate } from "./pod/validation/template.ts";
import { warnOfPodTemplate } from "./pod/warnings/pod-warnings.ts";
import { checkTemplateLabels } from "./pod-selector.ts";

const templatePath = FieldPath.of("spec").child("template");

/** Checks a template of pods that run on and on. @param kind how messages name the workload */
export function checkLastingTemplate(
  errors: FieldError[],
  path: FieldPath,
  template: PodTemplateSpec,
  old: PodTemplateSpec | undefined,
  kind: string,
): void {
  checkPodTemplate(errors, path, template, old);
  const { restartPolicy = "", activeDeadlineSeconds } = template.spec;
  if (restartPolicy !== "Always")
    errors.push(fieldError.notSupported(path.child("spec").child("restartPolicy"), restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined)
    errors.push(
      fieldError.forbidden(
        path.child("spec").child("activeDeadlineSeconds"),
        `activeDeadlineSeconds in ${kind} is not Supported`,
      ),
    );
}

/** Checks the template of a workload that keeps a number of like pods. */
export function checkReplicaTemplate(
  errors: FieldError[],
  path: FieldPath,
  template: PodTemplateSpec,
  old: PodTemplateSpec | undefined,
  selector: LabelMatcher,
): void {
  if (!selector.isEverything) checkTemplateLabels(errors, path, selector, template.metadata.labels);
  checkLastingTemplate(errors, path, template, old, "ReplicaSet");
}

/** What a workload has, as far as warnings about its pods go. */
interface Workload {
  readonly metadata: { readonly name: string; readonly generation?: number };
  readonly spec: { readonly template: PodTemplateSpec };
}

/** Warns of the template when it is new or may have changed. */
export function warnOfWorkload(workload: Workload, old: Workload | undefined): readonly string[] {
  if (old !== undefined && workload.metadata.generation === old.metadata.generation) return [];
  return warnOfPodTemplate(templatePath, workload.spec.template);
}

/** As `warnOfWorkload`, and warns of a name that makes no good pod names. */
export function warnOfNamedWorkload(workload: Workload, old: Workload | undefined): readonly string[] {
  return [...(old === undefined ? warnOfPodNames(workload.metadata.name) : []), ...warnOfWorkload(workload, old)];
}

/** Warns of a workload's name that makes no good pod names. */
export function warnOfPodNames(name: string): readonly string[] {
  const faults = checkDnsLabel(name);
  if (faults.length === 0) return [];
  return [
    "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; " +
      `a DNS label is recommended: [${faults.join(" ")}]`,
  ];
}

/** Columns that tell what pods run. */
export const templateColumns = [textColumn("Containers", 1), textColumn("Images", 1)] as const;

/** The cells of `templateColumns`. */
export function templateCells(template: PodTemplateSpec | undefined): readonly [string, string] {
  const containers = template?.spec.containers ?? [];
  return [containers.map(({ name }) => name).join(","), containers.map(({ image = "" }) => image).join(",")];
}
