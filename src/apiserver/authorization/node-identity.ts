import { type UserInfo, wellKnownGroups } from "../../api/user.ts";

const userPrefix = "system:node:";

/** The name of the node whose agent a user is; undefined for everyone else. Empty for an agent without a name. */
export function nodeNameOf(user: UserInfo): string | undefined {
  if (!user.username.startsWith(userPrefix) || !user.groups.includes(wellKnownGroups.nodes)) return undefined;
  return user.username.slice(userPrefix.length);
}
