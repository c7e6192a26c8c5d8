import { wellKnownGroups } from "../api/user.ts";
import type { Authorizer } from "./authorization.ts";

/**
 * Asks several authorisers in turn: the first with an opinion decides. When none has one, their reasons are joined,
 * a line each.
 */
export function createUnionAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(attributes) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = authorizer.authorize(attributes);
        if (decision.outcome !== "noOpinion") return decision;
        if (decision.reason !== "") reasons.push(decision.reason);
      }
      return { outcome: "noOpinion", reason: reasons.join("\n") };
    },
  };
}

/** Allows everything to members of `system:masters`, whatever roles say, so that nobody can lock the cluster. */
export const mastersAuthorizer: Authorizer = {
  authorize: ({ user }) => ({
    outcome: user.groups.includes(wellKnownGroups.masters) ? "allow" : "noOpinion",
    reason: "",
  }),
};
