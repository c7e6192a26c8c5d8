import { type FieldError, FieldPath } from "../../api/field-error.ts";
import { podTemplates } from "../../api/resources.ts";
import type { PodTemplate } from "../../api/types/core-v1.ts";
import { formatLabels } from "../../printing/labels.ts";
import { nameColumn, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";
import { dropDisabledFields } from "../pod/disabled-fields.ts";
import { checkPodTemplate } from "../pod/validation/template.ts";
import { warnOfPodTemplate } from "../pod/warnings/pod-warnings.ts";
import { templateCells } from "../pod-template.ts";

const templatePath = FieldPath.of("template");

/** A template of pods that stands by itself. */
export const podTemplateDefinition = defineResource({
  resource: podTemplates,
  applyDefaults: ({ template }) => defaultPodTemplate(template),
  prepareForCreate: ({ template }) => dropDisabledFields(template.spec, undefined),
  prepareForUpdate: ({ template }, old) => dropDisabledFields(template.spec, old.template.spec),
  validate: (template) => validate(template, undefined),
  validateUpdate: validate,
  validatesWholeUpdate: true,
  warnings: ({ template, metadata }, old) =>
    old !== undefined && metadata.generation === old.metadata.generation
      ? []
      : warnOfPodTemplate(templatePath, template),
  table: {
    columns: [nameColumn, textColumn("Containers"), textColumn("Images"), textColumn("Pod Labels")],
    row: ({ metadata, template }) => [
      metadata.name,
      ...templateCells(template),
      formatLabels(template.metadata.labels),
    ],
  },
});

function validate({ template }: PodTemplate, old: PodTemplate | undefined): FieldError[] {
  const errors: FieldError[] = [];
  checkPodTemplate(errors, templatePath, template, old?.template);
  return errors;
}
