import { describe, expect, it } from "vitest";
import { parseLabelSelector } from "../api/label-selector.ts";
import { pods, replicaSets } from "../api/resources.ts";
import { buildObject } from "../testing/build-object.ts";
import { controllerReference, planClaims } from "./ownership.ts";

const owner = buildObject(replicaSets, { metadata: { name: "mine" } });
const other = buildObject(replicaSets, { metadata: { name: "other" } });
const leaving = buildObject(replicaSets, {
  metadata: { name: "mine", deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["x/y"] },
});

const pod = (name: string, labels: Record<string, string>, more: object = {}) =>
  buildObject(pods, { metadata: { name, labels, ...more } });

const objects = [
  pod("own", { app: "web" }, { ownerReferences: [controllerReference(owner)] }),
  pod("own-unselected", { app: "db" }, { ownerReferences: [controllerReference(owner)] }),
  pod("others", { app: "web" }, { ownerReferences: [controllerReference(other)] }),
  pod("orphan", { app: "web" }),
  pod("orphan-unselected", { app: "db" }),
  pod("orphan-leaving", { app: "web" }, { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["x/y"] }),
  pod("orphan-elsewhere", { app: "web" }, { namespace: "elsewhere" }),
  pod("plain-owner", { app: "web" }, { ownerReferences: [{ ...controllerReference(other), controller: false }] }),
];

const names = (claimed: readonly { readonly metadata: { readonly name: string } }[]): string[] =>
  claimed.map(({ metadata }) => metadata.name);

describe("claims", () => {
  it.each([
    {
      name: "an owner keeps its own, takes selected orphans and lets go of what it no longer selects",
      by: owner,
      keep: ["own"],
      adopt: ["orphan", "plain-owner"],
      release: ["own-unselected"],
    },
    { name: "an owner that is leaving only keeps", by: leaving, keep: ["own"], adopt: [], release: [] },
  ])("$name", ({ by, keep, adopt, release }) => {
    const plan = planClaims(by, parseLabelSelector("app=web"), objects);
    expect({ keep: names(plan.keep), adopt: names(plan.adopt), release: names(plan.release) }).toEqual({
      keep,
      adopt,
      release,
    });
  });
});
