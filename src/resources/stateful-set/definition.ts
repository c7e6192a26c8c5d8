import type { Draft } from "../../api/draft.ts";
import { FieldPath } from "../../api/field-error.ts";
import { statefulSets } from "../../api/resources.ts";
import type { StatefulSet } from "../../api/types/apps-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { warnOfClaimSpec } from "../persistent-volume-claim/claim-spec.ts";
import { dropDisabledFields } from "../pod/disabled-fields.ts";
import { compilePodSelector } from "../pod-selector.ts";
import { templateCells, templateColumns, warnOfWorkload } from "../pod-template.ts";
import { defaultStatefulSet } from "./defaults.ts";
import { validateStatefulSet, validateStatefulSetStatusUpdate, validateStatefulSetUpdate } from "./validation.ts";

const claimsPath = FieldPath.of("spec").child("volumeClaimTemplates");

/** Pods with names and volumes of their own. */
export const statefulSetDefinition = defineResource({
  resource: statefulSets,
  nameRule: "dnsLabel",
  applyDefaults: defaultStatefulSet,
  prepareForCreate: (draft) => {
    draft.status = { replicas: 0, availableReplicas: 0 };
    dropDisabled(draft, undefined);
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<StatefulSet["status"]>;
    dropDisabled(draft, old);
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<StatefulSet["spec"]>;
  },
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validateStatefulSetStatusUpdate,
  warnings: (set, old) => [...warnOfWorkload(set, old), ...warnOfClaims(set, old)],
  scale: {
    replicas: ({ spec }) => spec.replicas ?? 0,
    setReplicas: (draft, replicas) => {
      draft.spec.replicas = replicas;
    },
    statusReplicas: ({ status }) => status.replicas,
    selector: ({ spec }) => compilePodSelector(spec.selector)?.toString() ?? "",
  },
  table: {
    columns: [nameColumn, textColumn("Ready"), ageColumn, ...templateColumns],
    row: (set, { nowMs }) => [
      set.metadata.name,
      `${set.status.readyReplicas ?? 0}/${set.spec.replicas ?? 0}`,
      objectAge(set, nowMs),
      ...templateCells(set.spec.template),
    ],
  },
});

/** How many pods may be missing at once is not said unless asked for in v1.36. */
function dropDisabled(draft: Draft<StatefulSet>, old: StatefulSet | undefined): void {
  dropDisabledFields(draft.spec.template.spec, old?.spec.template.spec);
  const { rollingUpdate } = draft.spec.updateStrategy;
  if (old?.spec.updateStrategy.rollingUpdate?.maxUnavailable === undefined) delete rollingUpdate?.maxUnavailable;
}

function warnOfClaims({ spec }: StatefulSet, old: StatefulSet | undefined): readonly string[] {
  const warnings = (spec.volumeClaimTemplates ?? []).flatMap((claim, index) => {
    const path = claimsPath.index(index);
    return warnOfClaimSpec(old === undefined ? path : path.child("Spec"), claim.spec);
  });
  return (spec.revisionHistoryLimit ?? 0) < 0
    ? [
        ...warnings,
        "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended",
      ]
    : warnings;
}
