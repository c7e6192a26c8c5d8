import type { Draft } from "../../api/draft.ts";
import { namespaces } from "../../api/resources.ts";
import type { Namespace } from "../../api/types/core-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

/** The label by which selectors find a namespace of a given name. */
const nameLabel = "kubernetes.io/metadata.name";

/** What keeps a namespace until everything in it is gone. */
const kubernetesFinalizer = "kubernetes";

/** A part of the cluster with names of its own. */
export const namespaceDefinition = defineResource({
  resource: namespaces,
  nameRule: "dnsLabel",
  countsGeneration: false,
  applyDefaults: (draft) => {
    labelWithName(draft);
    draft.status.phase ??= "Active";
  },
  prepareForCreate: (draft) => {
    draft.status = { phase: "Active" };
    const finalizers = draft.spec.finalizers ?? [];
    if (!finalizers.includes(kubernetesFinalizer)) draft.spec.finalizers = [...finalizers, kubernetesFinalizer];
  },
  prepareForUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<Namespace["spec"]>;
    draft.status = old.status as Draft<Namespace["status"]>;
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<Namespace["spec"]>;
  },
  canonicalize: labelWithName,
  subresourceUpdates: {
    finalize: {
      prepare: (draft, old) => {
        draft.status = old.status as Draft<Namespace["status"]>;
      },
      validate: () => [],
    },
  },
  selectableFields: {
    "status.phase": (object) => object.status.phase ?? "",
    name: (object) => object.metadata.name,
  },
  table: {
    columns: [nameColumn, textColumn("Status"), ageColumn],
    row: (object, { nowMs }) => [object.metadata.name, object.status.phase ?? "", objectAge(object, nowMs)],
  },
});

function labelWithName(draft: Draft<Namespace>): void {
  if ((draft.metadata.name ?? "") === "") return;
  draft.metadata.labels ??= Object.create(null) as Record<string, string>;
  draft.metadata.labels[nameLabel] = draft.metadata.name;
}
