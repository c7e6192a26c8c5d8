import type { Draft } from "../../api/draft.ts";
import { serviceAccounts } from "../../api/resources.ts";
import type { ServiceAccount } from "../../api/types/core-v1.ts";
import { ageColumn, nameColumn, objectAge } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

const mountableAnnotation = "kubernetes.io/enforce-mountable-secrets";

/** Who the programs in pods are to the cluster. */
export const serviceAccountDefinition = defineResource({
  resource: serviceAccounts,
  countsGeneration: false,
  prepareForCreate: keepSecretNames,
  prepareForUpdate: keepSecretNames,
  warnings: (account, old) =>
    isAnnotated(account) && !(old !== undefined && isAnnotated(old))
      ? [
          `metadata.annotations[${mountableAnnotation}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
        ]
      : [],
  table: {
    columns: [nameColumn, ageColumn],
    row: (account, { nowMs }) => [account.metadata.name, objectAge(account, nowMs)],
  },
});

/** Of a secret only its name means anything here. */
function keepSecretNames(draft: Draft<ServiceAccount>): void {
  if (draft.secrets !== undefined)
    draft.secrets = draft.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}

function isAnnotated(account: ServiceAccount): boolean {
  return account.metadata.annotations?.[mountableAnnotation] !== undefined;
}
