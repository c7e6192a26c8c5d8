import type { RequestAttributes } from "./attributes.ts";

/** What an authoriser thinks of a request. `noOpinion` leaves it to the next one; nobody's opinion is a refusal. */
export interface AuthorizationDecision {
  readonly outcome: "allow" | "deny" | "noOpinion";
  /** For the message of a refusal and for audit. */
  readonly reason: string;
}

/** Decides whether a request may proceed. Synchronous: rules are in memory. */
export interface Authorizer {
  authorize(attributes: RequestAttributes): AuthorizationDecision;
}
