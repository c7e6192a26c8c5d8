import { describe } from "vitest";
import { describeCommits } from "./contract/commits.node.ts";
import { describeExpiry } from "./contract/expiry.node.ts";
import type { OpenStore } from "./contract/fixtures.node.ts";
import { describeModel } from "./contract/model.node.ts";
import { describeReads } from "./contract/reads.node.ts";
import { describeWatches } from "./contract/watches.node.ts";

/**
 * Registers the tests that every `Store` must pass.
 * @param name the kind of store, for the report
 * @param open opens an empty store; each test closes the one it was given
 * @param more `reopen` opens again what the store closed last left behind; `runs` is how often random work is tried
 */
export function describeStoreContract(
  name: string,
  open: OpenStore,
  more: { readonly reopen?: OpenStore; readonly runs: number },
): void {
  describe(`the contract of stores, kept by the ${name}`, () => {
    describeCommits(open);
    describeReads(open);
    describeWatches(open);
    describeExpiry(open);
    describeModel(open, more.reopen, more.runs);
  });
}
