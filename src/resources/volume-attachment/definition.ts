import { volumeAttachments } from "../../api/resources.ts";
import { ageColumn, booleanColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

/** A volume that is, or is to be, at a node. */
export const volumeAttachmentDefinition = defineResource({
  resource: volumeAttachments,
  table: {
    columns: [
      nameColumn,
      { name: "Attacher", type: "string", format: "name" },
      textColumn("PV"),
      textColumn("Node"),
      booleanColumn("Attached"),
      ageColumn,
    ],
    row: (attachment, { nowMs }) => [
      attachment.metadata.name,
      attachment.spec.attacher,
      attachment.spec.source.persistentVolumeName ?? "",
      attachment.spec.nodeName,
      attachment.status.attached,
      objectAge(attachment, nowMs),
    ],
  },
});
