import { describe, expect, it } from "vitest";
import type { Draft } from "../../api/draft.ts";
import type { CertificateSigningRequest } from "../../api/types/certificates-v1.ts";
import { createSeededRandom } from "../../base/random.ts";
import { createVirtualClock } from "../../base/virtual-clock.ts";
import type { WriteContext } from "../definition.ts";
import { certificateSigningRequestDefinition as definition } from "./definition.ts";

type Condition = NonNullable<CertificateSigningRequest["status"]["conditions"]>[number];

const context: WriteContext = {
  user: { username: "jane", uid: "u1", groups: ["devs"], extra: { scope: ["a"] } },
  clock: createVirtualClock(Date.parse("2026-01-01T12:00:00Z")),
  random: createSeededRandom(1),
};
const approved: Condition = {
  type: "Approved",
  status: "True",
  lastUpdateTime: "2026-01-01T00:00:00Z",
  lastTransitionTime: "2026-01-01T00:00:00Z",
};

function request(
  spec: object = {},
  status: CertificateSigningRequest["status"] = {},
): Draft<CertificateSigningRequest> {
  const metadata = { name: "x", creationTimestamp: "2026-01-01T11:00:00Z" };
  const own = { request: "", signerName: "acme.io/web", usages: ["any"], ...spec };
  return { metadata, spec: own, status } as unknown as Draft<CertificateSigningRequest>;
}

describe("a new request", () => {
  it("says who made it, whatever it claimed, and is not approved", () => {
    const draft = request({ username: "root", groups: ["system:masters"] }, { conditions: [approved] });
    definition.prepareForCreate?.(draft, context);
    expect(draft.spec).toMatchObject({ username: "jane", uid: "u1", groups: ["devs"], extra: { scope: ["a"] } });
    expect(draft.status).toEqual({});
  });
});

describe("approval", () => {
  it("dates conditions and leaves the rest as it was", () => {
    const draft = request(
      { signerName: "other" },
      {
        certificate: "new",
        conditions: [{ type: "Denied", status: "True", lastUpdateTime: null, lastTransitionTime: null }],
      },
    );
    const old = request({}, { certificate: "old" }) as CertificateSigningRequest;
    definition.subresourceUpdates?.["approval"]?.prepare(draft, old, context);
    const now = "2026-01-01T12:00:00Z";
    expect(draft.spec.signerName).toBe("acme.io/web");
    expect(draft.status).toEqual({
      certificate: "old",
      conditions: [{ type: "Denied", status: "True", lastUpdateTime: now, lastTransitionTime: now }],
    });
  });
});

describe("the table", () => {
  it.each<[CertificateSigningRequest["status"], string]>([
    [{}, "Pending"],
    [{ conditions: [approved] }, "Approved"],
    [{ conditions: [approved], certificate: "eA==" }, "Approved,Issued"],
    [{ conditions: [{ ...approved, type: "Denied" }, approved] }, "Denied"],
    [{ conditions: [approved, { ...approved, type: "Failed" }] }, "Approved,Failed"],
  ])("shows %j as %s", (status, cell) => {
    const object = request({ username: "jane", expirationSeconds: 3600 }, status) as CertificateSigningRequest;
    const row = definition.table?.row(object, { nowMs: context.clock.nowMs() });
    expect(row).toEqual(["x", "60m", "acme.io/web", "jane", "60m", cell]);
  });
});
