import { mutatingWebhookConfigurations } from "../../api/resources.ts";
import { ageColumn, integerColumn, nameColumn, objectAge } from "../../printing/table-columns.ts";
import { defaultWebhook } from "../admission-rules.ts";
import { defineResource } from "../definition.ts";

/** Servers that may change what is written. */
export const mutatingWebhookConfigurationDefinition = defineResource({
  resource: mutatingWebhookConfigurations,
  applyDefaults: ({ webhooks }) => {
    for (const webhook of webhooks ?? []) {
      defaultWebhook(webhook);
      webhook.reinvocationPolicy ??= "Never";
    }
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
