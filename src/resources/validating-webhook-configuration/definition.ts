import { validatingWebhookConfigurations } from "../../api/resources.ts";
import { ageColumn, integerColumn, nameColumn, objectAge } from "../../printing/table-columns.ts";
import { defaultWebhook } from "../admission-rules.ts";
import { defineResource } from "../definition.ts";

/** Servers that may refuse what is written. */
export const validatingWebhookConfigurationDefinition = defineResource({
  resource: validatingWebhookConfigurations,
  applyDefaults: ({ webhooks }) => {
    for (const webhook of webhooks ?? []) defaultWebhook(webhook);
  },
  table: {
    columns: [nameColumn, integerColumn("Webhooks"), ageColumn],
    row: (configuration, { nowMs }) => [
      configuration.metadata.name,
      configuration.webhooks?.length ?? 0,
      objectAge(configuration, nowMs),
    ],
  },
});
