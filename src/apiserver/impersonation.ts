import { goQuote } from "../api/go-quote.ts";
import { checkDnsSubdomain } from "../api/names.ts";
import { badRequest, hasReason } from "../api/status-error.ts";
import { anonymous, type UserInfo, wellKnownGroups } from "../api/user.ts";
import type { RequestAttributes, ResourceAttributes } from "./attributes.ts";
import { checkExtraKeys } from "./authentication/extra-keys.ts";
import { splitServiceAccount } from "./authentication/service-account-name.ts";
import { tokenExtra } from "./authentication/service-account-tokens.ts";
import type { Authorizer } from "./authorization.ts";
import { forbiddenRequest } from "./forbidden.ts";

/** Request headers, in lower case, with every value that was sent under each name. */
export type HeaderValues = Iterable<readonly [name: string, values: readonly string[]]>;

/** A user as `Impersonate-*` headers ask for it, before anything is filled in. */
interface WantedUser {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: ReadonlyMap<string, readonly string[]>;
}

/** Above this many groups or extra values one check for all of them is tried first. */
const manyChecks = 4;

/**
 * Decides as whom a request goes on when it carries `Impersonate-User`, `-Group`, `-Uid` or `-Extra-*` headers.
 * Narrow rights (`impersonate:<mode>` on the user and `impersonate-on:<mode>:<verb>` on the request) are tried before
 * the right to impersonate for every purpose.
 * @param attributes the request, made as its real user
 * @returns undefined when the headers ask for nothing
 * @throws {StatusError} BadRequest without a user name; Forbidden when not allowed
 * Source: KEP-5284, constrained impersonation (on by default in v1.36); Kubernetes documentation, "User impersonation".
 */
export function impersonate(
  headers: HeaderValues,
  attributes: RequestAttributes,
  authorizer: Authorizer,
): UserInfo | undefined {
  const wanted = readWantedUser(headers);
  if (wanted === undefined) return undefined;
  let refusal: unknown;
  for (const mode of modes) {
    if (!mode.applies(wanted, attributes.user)) continue;
    try {
      return mode.check(wanted, attributes, authorizer);
    } catch (error) {
      if (!hasReason(error, "Forbidden")) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

function readWantedUser(headers: HeaderValues): WantedUser | undefined {
  let username = "";
  let uid = "";
  const groups: string[] = [];
  const extra = new Map<string, readonly string[]>();
  for (const [name, values] of headers) {
    if (!name.startsWith("impersonate-")) continue;
    if (name === "impersonate-user") username = values[0] ?? "";
    else if (name === "impersonate-uid") uid = values[0] ?? "";
    else if (name === "impersonate-group") groups.push(...values);
    else if (name.startsWith(extraPrefix) && values.length > 0) {
      const key = unescapeKey(name.slice(extraPrefix.length));
      extra.set(key, [...(extra.get(key) ?? []), ...values]);
    }
  }
  if (username !== "") return { username, uid, groups, extra };
  if (uid === "" && groups.length === 0 && extra.size === 0) return undefined;
  throw badRequest(`requested ${describeWanted(uid, groups, extra)} without impersonating a user name`);
}

const extraPrefix = "impersonate-extra-";

/** Keys that are not well escaped are taken as they stand. */
function unescapeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (error) {
    if (error instanceof URIError) return encoded;
    throw error;
  }
}

/** As upstream prints the user in its message. */
function describeWanted(uid: string, groups: readonly string[], extra: WantedUser["extra"]): string {
  const list = (values: readonly string[]): string => `[]string{${values.map(goQuote).join(", ")}}`;
  const groupText = groups.length === 0 ? "[]string(nil)" : list(groups);
  const entries = [...extra]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, values]) => `${goQuote(key)}:${list(values)}`);
  const extraText = extra.size === 0 ? "map[string][]string(nil)" : `map[string][]string{${entries.join(", ")}}`;
  return `&user.DefaultInfo{Name:"", UID:${goQuote(uid)}, Groups:${groupText}, Extra:${extraText}}`;
}

/** One way of being allowed to impersonate. */
interface Mode {
  applies(wanted: WantedUser, requester: UserInfo): boolean;
  /** @throws {StatusError} Forbidden */
  check(wanted: WantedUser, request: RequestAttributes, authorizer: Authorizer): UserInfo;
}

/** Most narrow first; its refusal is the one that is told. */
const modes: readonly Mode[] = [
  constrainedMode("associated-node", (wanted, requester) => {
    const node = nodeNameOfUser(wanted.username);
    const ownNode = requester.extra?.[tokenExtra.nodeName] ?? [];
    return (
      onlyName(wanted) &&
      node !== undefined &&
      splitServiceAccount(requester.username) !== undefined &&
      ownNode.length === 1 &&
      ownNode[0] === node
    );
  }),
  constrainedMode("arbitrary-node", (wanted) => onlyName(wanted) && nodeNameOfUser(wanted.username) !== undefined),
  constrainedMode("serviceaccount", (wanted) => onlyName(wanted) && splitServiceAccount(wanted.username) !== undefined),
  constrainedMode(
    "user-info",
    (wanted) => nodeNameOfUser(wanted.username) === undefined && splitServiceAccount(wanted.username) === undefined,
  ),
  {
    applies: () => true,
    check: (wanted, request, authorizer) => becomeUser(wanted, request.user, "impersonate", false, authorizer),
  },
];

function constrainedMode(name: string, applies: Mode["applies"]): Mode {
  const isAssociated = name === "associated-node";
  return {
    applies,
    check(wanted, request, authorizer) {
      // A service account may have this right on its own node wherever it runs, so its token's details do not count.
      const user = isAssociated ? withoutDetails(request.user) : request.user;
      require({ ...request, user, verb: `impersonate-on:${name}:${request.verb}` }, authorizer);
      return becomeUser(wanted, user, `impersonate:${name}`, true, authorizer);
    },
  };
}

/** Checks every part of the wanted user and fills in what follows from its name. */
function becomeUser(
  wanted: WantedUser,
  requester: UserInfo,
  verb: string,
  isConstrained: boolean,
  authorizer: Authorizer,
): UserInfo {
  const group = isConstrained ? authenticationGroup : "";
  const groups = checkName(wanted, { requester, verb, group, isConstrained }, authorizer);
  if (wanted.uid !== "") require(attributesOf(requester, verb, authenticationGroup, "uids", wanted.uid), authorizer);
  checkGroups(wanted.groups, attributesOf(requester, verb, group, "groups", ""), isConstrained, authorizer);
  const extras = attributesOf(requester, verb, authenticationGroup, "userextras", "");
  checkExtra(wanted.extra, extras, isConstrained, authorizer);
  const { authenticated, unauthenticated } = wellKnownGroups;
  const implied = wanted.username === anonymous.username ? unauthenticated : authenticated;
  const isComplete = groups.includes(implied) || groups.includes(unauthenticated);
  return {
    username: wanted.username,
    ...(wanted.uid === "" ? {} : { uid: wanted.uid }),
    groups: isComplete ? groups : [...groups, implied],
    ...(wanted.extra.size === 0 ? {} : { extra: Object.fromEntries(wanted.extra) }),
  };
}

const authenticationGroup = "authentication.k8s.io";

/** Answers with the groups that the user has: those asked for, or those that its kind always has. */
function checkName(
  wanted: WantedUser,
  how: { readonly requester: UserInfo; readonly verb: string; readonly group: string; readonly isConstrained: boolean },
  authorizer: Authorizer,
): readonly string[] {
  const { requester, verb, group, isConstrained } = how;
  const node = isConstrained ? nodeNameOfUser(wanted.username) : undefined;
  const account = splitServiceAccount(wanted.username);
  if (node !== undefined) {
    const name = verb === "impersonate:associated-node" ? "*" : node;
    require(attributesOf(requester, verb, group, "nodes", name), authorizer);
    return [wellKnownGroups.nodes];
  }
  if (account === undefined) {
    require(attributesOf(requester, verb, group, "users", wanted.username), authorizer);
    return wanted.groups;
  }
  const attributes = attributesOf(requester, verb, group, "serviceaccounts", account.name);
  require({ ...attributes, namespace: account.namespace }, authorizer);
  if (wanted.groups.length > 0) return wanted.groups;
  return [wellKnownGroups.serviceAccounts, `${wellKnownGroups.serviceAccounts}:${account.namespace}`];
}

function checkGroups(
  groups: readonly string[],
  attributes: ResourceAttributes,
  isConstrained: boolean,
  authorizer: Authorizer,
): void {
  if (isConstrained && groups.includes(""))
    throw forbiddenRequest(attributes, "impersonating the empty string group is not allowed");
  if (isConstrained && groups.includes(wellKnownGroups.masters))
    throw forbiddenRequest(
      { ...attributes, name: wellKnownGroups.masters },
      "impersonating the system:masters group is not allowed",
    );
  if (isConstrained && groups.length >= manyChecks && allows({ ...attributes, name: "*" }, authorizer)) return;
  for (const name of groups) require({ ...attributes, name }, authorizer);
}

function checkExtra(
  extra: WantedUser["extra"],
  attributes: ResourceAttributes,
  isConstrained: boolean,
  authorizer: Authorizer,
): void {
  if (isConstrained) {
    const fault = checkExtraKeys(extra);
    if (fault !== undefined) throw forbiddenRequest(attributes, fault);
    const count = [...extra.values()].reduce((sum, values) => sum + values.length, 0);
    const everything = { ...attributes, subresource: "*", name: "*" };
    if (count >= manyChecks && allows(everything, authorizer)) return;
  }
  for (const [subresource, values] of extra)
    for (const name of values) require({ ...attributes, subresource, name }, authorizer);
}

function attributesOf(user: UserInfo, verb: string, group: string, resource: string, name: string): ResourceAttributes {
  return { kind: "resource", user, verb, group, version: "v1", resource, subresource: "", namespace: "", name };
}

function allows(attributes: RequestAttributes, authorizer: Authorizer): boolean {
  return authorizer.authorize(attributes).outcome === "allow";
}

/** @throws {StatusError} Forbidden */
function require(attributes: RequestAttributes, authorizer: Authorizer): void {
  const decision = authorizer.authorize(attributes);
  if (decision.outcome !== "allow") throw forbiddenRequest(attributes, decision.reason);
}

function onlyName(wanted: WantedUser): boolean {
  return wanted.uid === "" && wanted.groups.length === 0 && wanted.extra.size === 0;
}

function withoutDetails(user: UserInfo): UserInfo {
  const keys = Object.keys(user.extra ?? {}).sort();
  return { ...user, extra: { "authentication.kubernetes.io/associated-node-keys": keys } };
}

function nodeNameOfUser(username: string): string | undefined {
  const prefix = "system:node:";
  const name = username.startsWith(prefix) ? username.slice(prefix.length) : "";
  return name !== "" && checkDnsSubdomain(name).length === 0 ? name : undefined;
}
