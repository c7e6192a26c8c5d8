import type { Draft } from "../../api/draft.ts";
import { certificateSigningRequests } from "../../api/resources.ts";
import type { CertificateSigningRequest } from "../../api/types/certificates-v1.ts";
import { formatTime } from "../../base/clock.ts";
import { humanDuration } from "../../printing/duration.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource, type WriteContext } from "../definition.ts";
import { decisions } from "./conditions.ts";
import { validateNewRequest, validateRequestUpdate } from "./validation.ts";

type Request = CertificateSigningRequest;

/** A request to have a certificate signed, which somebody approves and somebody signs. */
export const certificateSigningRequestDefinition = defineResource({
  resource: certificateSigningRequests,
  nameRule: "pathSegment",
  countsGeneration: false,
  prepareForCreate: (draft, { user }) => {
    draft.spec.username = user.username;
    delete draft.spec.uid;
    delete draft.spec.groups;
    delete draft.spec.extra;
    if (user.uid !== undefined) draft.spec.uid = user.uid;
    if (user.groups.length > 0) draft.spec.groups = [...user.groups];
    if (user.extra !== undefined && Object.keys(user.extra).length > 0)
      draft.spec.extra = user.extra as Record<string, string[]>;
    draft.status = {};
  },
  prepareForUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<Request["spec"]>;
    draft.status = old.status as Draft<Request["status"]>;
  },
  prepareForStatusUpdate: (draft, old, context) => {
    draft.spec = old.spec as Draft<Request["spec"]>;
    for (const type of decisions) keepConditions(draft, old, type);
    stampConditions(draft, old, context);
  },
  validate: validateNewRequest,
  validatesWholeUpdate: true,
  validateUpdate: (request, old) => validateRequestUpdate(request, old, "plain"),
  validateStatusUpdate: (request, old) => validateRequestUpdate(request, old, "status"),
  subresourceUpdates: {
    approval: {
      prepare: (draft, old, context) => {
        stampConditions(draft, old, context);
        const { conditions } = draft.status;
        draft.spec = old.spec as Draft<Request["spec"]>;
        const { conditions: _old, ...others } = old.status;
        draft.status = { ...(conditions === undefined ? {} : { conditions }), ...others };
      },
      validate: (request, old) => validateRequestUpdate(request, old, "approval"),
    },
  },
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName },
  table: {
    columns: [
      nameColumn,
      ageColumn,
      textColumn("SignerName"),
      textColumn("Requestor"),
      textColumn("RequestedDuration"),
      textColumn("Condition"),
    ],
    row: (request, { nowMs }) => [
      request.metadata.name,
      objectAge(request, nowMs),
      request.spec.signerName || "<none>",
      request.spec.username ?? "",
      request.spec.expirationSeconds === undefined ? "<none>" : humanDuration(request.spec.expirationSeconds * 1000),
      conditionCell(request),
    ],
  },
});

function conditionCell({ status }: Request): string {
  const has = (type: string): boolean => status.conditions?.some((condition) => condition.type === type) ?? false;
  const decision = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  return `${decision}${has("Failed") ? ",Failed" : ""}${(status.certificate ?? "") === "" ? "" : ",Issued"}`;
}

/** Decisions stay as they are; where one comes or goes, validation says so. */
function keepConditions(draft: Draft<Request>, old: Request, type: string): void {
  const before = old.status.conditions?.filter((condition) => condition.type === type) ?? [];
  const { conditions = [] } = draft.status;
  const places = conditions.flatMap((condition, index) => (condition.type === type ? [index] : []));
  if (places.length !== before.length) return;
  for (const [index, place] of places.entries()) conditions[place] = { ...(before[index] as Condition) };
}

type Condition = NonNullable<Request["status"]["conditions"]>[number];

/** Fills in times that writers leave out; a condition that was there before keeps the time of its beginning. */
function stampConditions(draft: Draft<Request>, old: Request, { clock }: WriteContext): void {
  const now = formatTime(clock.nowMs());
  for (const condition of draft.status.conditions ?? []) {
    condition.lastUpdateTime ??= now;
    condition.lastTransitionTime ??=
      old.status.conditions?.find(
        ({ type, status, lastTransitionTime }) =>
          type === condition.type && status === condition.status && lastTransitionTime !== null,
      )?.lastTransitionTime ?? now;
  }
}
