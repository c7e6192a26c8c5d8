/** What webhooks and policies for admission have in common. */
import type { Draft } from "../api/draft.ts";
import type {
  MatchResources,
  MutatingWebhook,
  ParamKind,
  ParamRef,
  Rule,
  ValidatingWebhook,
} from "../api/types/admissionregistration-v1.ts";
import type { LabelSelector } from "../api/types/meta-v1.ts";
import { compareUtf8 } from "../api/utf8.ts";

const defaultTimeoutSeconds = 10;
const httpsPort = 443;

/** Fills in what a webhook leaves out. */
export function defaultWebhook(webhook: Draft<ValidatingWebhook> | Draft<MutatingWebhook>): void {
  webhook.failurePolicy ??= "Fail";
  webhook.matchPolicy ??= "Equivalent";
  webhook.namespaceSelector ??= {};
  webhook.objectSelector ??= {};
  webhook.timeoutSeconds ??= defaultTimeoutSeconds;
  if (webhook.clientConfig.service !== undefined) webhook.clientConfig.service.port ??= httpsPort;
  defaultRules(webhook.rules);
}

/** Fills in what a policy's choice of requests leaves out. */
export function defaultMatchResources(match: Draft<MatchResources> | undefined): void {
  if (match === undefined) return;
  match.matchPolicy ??= "Equivalent";
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  defaultRules(match.resourceRules);
  defaultRules(match.excludeResourceRules);
}

/** The kind of parameters as tables show it. */
export function paramKindCell(kind: ParamKind | undefined): string {
  return kind === undefined ? "<unset>" : `${kind.apiVersion ?? ""}/${kind.kind ?? ""}`;
}

/** The parameters of a binding as tables show them. */
export function paramRefCell(ref: ParamRef | undefined): string {
  const { name = "", namespace = "", selector } = ref ?? {};
  // What has no namespace of its own may be in any.
  if (name !== "") return `${namespace === "" ? "*" : namespace}/${name}`;
  return selector === undefined ? "<unset>" : goSelector(selector);
}

function defaultRules(rules: readonly Draft<Rule>[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= "*";
}

/** A selector as Go's protocol buffers print it. */
function goSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.keys(matchLabels)
    .sort(compareUtf8)
    .map((key) => `${key}: ${matchLabels[key]},`);
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join("")}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join("")}},}`;
}
