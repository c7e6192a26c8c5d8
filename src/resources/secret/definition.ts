import type { Draft } from "../../api/draft.ts";
import { secrets } from "../../api/resources.ts";
import type { Secret } from "../../api/types/core-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { secretTypes, validateSecret, validateSecretUpdate } from "./validation.ts";

/** Passwords, keys and tokens. */
export const secretDefinition = defineResource({
  resource: secrets,
  countsGeneration: false,
  applyDefaults: (draft) => {
    draft.type ??= secretTypes.opaque;
    encodeStringData(draft);
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  validatesWholeUpdate: true,
  warnings: warnOfSecret,
  selectableFields: { type: (secret) => secret.type ?? "" },
  table: {
    columns: [nameColumn, textColumn("Type"), textColumn("Data"), ageColumn],
    row: (secret, { nowMs }) => [
      secret.metadata.name,
      secret.type ?? "",
      Object.keys(secret.data ?? {}).length,
      objectAge(secret, nowMs),
    ],
  },
});

/** Plain text is a way in only: it becomes data, and is never shown again. */
function encodeStringData(draft: Draft<Secret>): void {
  const { stringData } = draft;
  if (stringData === undefined) return;
  const data = draft.data ?? (Object.create(null) as Record<string, string>);
  for (const key of Object.keys(stringData)) data[key] = encodeText(stringData[key] as string);
  if (Object.keys(data).length > 0) draft.data = data;
  delete draft.stringData;
}

function encodeText(text: string): string {
  let binary = "";
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Says when a certificate or its key is no PEM at all. Whether they belong together is not looked into. */
function warnOfSecret(secret: Secret): readonly string[] {
  if (secret.type !== secretTypes.tls) return [];
  const isPem = (key: string): boolean => /-----BEGIN [^-\n]+-----/.test(atob(secret.data?.[key] ?? ""));
  if (!isPem("tls.crt")) return ["tls: failed to find any PEM data in certificate input"];
  return isPem("tls.key") ? [] : ["tls: failed to find any PEM data in key input"];
}
