import type { Draft } from "../../api/draft.ts";
import type { Job } from "../../api/types/batch-v1.ts";

/** Labels by which a Job knows its pods; the short ones came first and stay. */
export const jobLabels = {
  name: "batch.kubernetes.io/job-name",
  legacyName: "job-name",
  uid: "batch.kubernetes.io/controller-uid",
  legacyUid: "controller-uid",
} as const;

/** Gives a Job a selector that no other has, and the labels to its pods. Labels that the user set stay, to be refused. */
export function generateSelector({ metadata, spec }: Draft<Job>): void {
  spec.template.metadata.labels ??= createMap();
  const { labels } = spec.template.metadata;
  labels[jobLabels.legacyName] ??= metadata.name ?? "";
  labels[jobLabels.name] ??= metadata.name ?? "";
  labels[jobLabels.legacyUid] ??= metadata.uid ?? "";
  labels[jobLabels.uid] ??= metadata.uid ?? "";
  spec.selector ??= {};
  spec.selector.matchLabels ??= createMap();
  spec.selector.matchLabels[jobLabels.uid] ??= metadata.uid ?? "";
}

function createMap(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}
