import type { Node } from "../../api/types/core-v1.ts";
import { compareUtf8 } from "../../api/utf8.ts";
import type { TableDefinition } from "../../printing/table.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";

const rolePrefix = "node-role.kubernetes.io/";
const roleLabel = "kubernetes.io/role";

/** The table of nodes. */
export const nodeTable: TableDefinition<Node> = {
  columns: [
    nameColumn,
    textColumn("Status"),
    textColumn("Roles"),
    ageColumn,
    textColumn("Version"),
    textColumn("Internal-IP", 1),
    textColumn("External-IP", 1),
    textColumn("OS-Image", 1),
    textColumn("Kernel-Version", 1),
    textColumn("Container-Runtime", 1),
  ],
  row: (node, { nowMs }) => {
    const { kubeletVersion, osImage, kernelVersion, containerRuntimeVersion, architecture } = node.status.nodeInfo;
    const kernel = kernelVersion || "<unknown>";
    return [
      node.metadata.name,
      statusCell(node),
      nodeRoles(node).join(",") || "<none>",
      objectAge(node, nowMs),
      kubeletVersion,
      addressOf(node, "InternalIP"),
      addressOf(node, "ExternalIP"),
      osImage || "<unknown>",
      architecture === "" ? kernel : `${kernel} (${architecture})`,
      containerRuntimeVersion || "<unknown>",
    ];
  },
};

/** What a node is for, as its labels say, in order. */
export function nodeRoles({ metadata: { labels = {} } }: Node): string[] {
  const roles = new Set<string>();
  for (const key of Object.keys(labels)) {
    if (key.startsWith(rolePrefix)) roles.add(key.slice(rolePrefix.length));
    else if (key === roleLabel) roles.add(labels[key] as string);
  }
  roles.delete("");
  return [...roles].sort(compareUtf8);
}

function statusCell({ spec, status }: Node): string {
  // Only the last condition of a type counts.
  const ready = status.conditions?.findLast(({ type }) => type === "Ready");
  const state = ready === undefined ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return spec.unschedulable === true ? `${state},SchedulingDisabled` : state;
}

function addressOf({ status }: Node, type: string): string {
  return status.addresses?.find((address) => address.type === type)?.address ?? "<none>";
}
