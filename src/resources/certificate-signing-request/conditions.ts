/** What approvers decide. */
export const decisions = ["Approved", "Denied"] as const;

/** Conditions that say something by being there: they are true or missing. */
export const lastingConditions: readonly string[] = [...decisions, "Failed"];
