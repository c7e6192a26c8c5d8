import { goQuote } from "../../api/go-quote.ts";
import { csiDrivers, persistentVolumeClaims, persistentVolumes, pods } from "../../api/resources.ts";
import { notFound } from "../../api/status-error.ts";
import type { TokenRequest } from "../../api/types/authentication-v1.ts";
import type { Pod, Volume } from "../../api/types/core-v1.ts";
import type { AdmissionRequest } from "../admission.ts";
import type { Authorizer } from "../authorization.ts";
import type { LiveObjects } from "../live-objects.ts";
import { joinErrors } from "../rbac-authorizer.ts";
import type { NodeRule } from "./node-restriction.ts";
import { refuse } from "./refusal.ts";

/** What a node agent may ask of service accounts: tokens for its own pods, for audiences that those pods name. */
export function createNodeTokenRules(objects: LiveObjects, authorizer: Authorizer): NodeRule {
  const podCache = objects.of(pods).cache;
  const driversOf = createDriverLookup(objects);
  return (request, node) => {
    const { attributes, operation } = request;
    if (operation !== "create" || attributes.subresource !== "token") return;
    const { spec } = request.object as unknown as TokenRequest;
    const reference = spec.boundObjectRef as TokenRequest["spec"]["boundObjectRef"] | null;
    if (reference?.apiVersion !== "v1" || reference.kind !== "Pod" || (reference.name ?? "") === "")
      throw refuse(request, "node requested token not bound to a pod");
    if ((reference.uid ?? "") === "") throw refuse(request, "node requested token with a pod binding without a uid");
    const pod = podCache.get(`${attributes.namespace}/${reference.name}`);
    if (pod === undefined) throw notFound(pods, reference.name ?? "");
    if (pod.metadata.uid !== reference.uid)
      throw refuse(
        request,
        `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      );
    if (pod.spec.nodeName !== node)
      throw refuse(request, "node requested token bound to a pod scheduled on a different node");
    checkAudience(request, pod, spec.audiences ?? [], driversOf, authorizer);
  };
}

/** The audiences that the driver of a volume asks for; a text says why they cannot be told. */
type DriverLookup = (pod: Pod, volume: Volume) => readonly string[] | { readonly fault: string };

function checkAudience(
  request: AdmissionRequest,
  pod: Pod,
  audiences: readonly string[],
  driversOf: DriverLookup,
  authorizer: Authorizer,
): void {
  if (audiences.length > 1) throw refuse(request, "node may only request 0 or 1 audiences");
  const audience = audiences[0] ?? "";
  const faults: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const projected = volume.projected?.sources ?? [];
    if (projected.some(({ serviceAccountToken: token }) => token !== undefined && (token.audience ?? "") === audience))
      return;
    const wanted = driversOf(pod, volume);
    if ("fault" in wanted) faults.push(wanted.fault);
    else if (wanted.includes(audience)) return;
  }
  const quoted = goQuote(audience);
  if (faults.length > 0) throw refuse(request, `error validating audience ${quoted}: ${joinErrors(faults)}`);
  const { user, namespace, name } = request.attributes;
  const verb = "request-serviceaccounts-token-audience";
  const decision = authorizer.authorize({
    kind: "resource",
    user,
    verb,
    group: "",
    version: "v1",
    resource: audience,
    subresource: "",
    namespace,
    name,
  });
  if (decision.outcome !== "allow")
    throw refuse(
      request,
      `audience ${quoted} not found in pod spec volume, ${user.username} is not authorized to request tokens for this audience`,
    );
}

/** From a volume over claim and persistent volume to its CSI driver, and to what that asks for. */
function createDriverLookup(objects: LiveObjects): DriverLookup {
  const claimCache = objects.of(persistentVolumeClaims).cache;
  const volumeCache = objects.of(persistentVolumes).cache;
  const driverCache = objects.of(csiDrivers).cache;
  const missing = (plural: string, name: string) => ({ fault: `${plural} ${goQuote(name)} not found` });
  const audiencesOf = (driver: string): readonly string[] | { readonly fault: string } => {
    const found = driverCache.get(driver);
    if (found === undefined) return missing("csidrivers.storage.k8s.io", driver);
    return (found.spec.tokenRequests ?? []).map((tokenRequest) => tokenRequest.audience);
  };
  return (pod, volume) => {
    if (volume.csi !== undefined) return audiencesOf(volume.csi.driver);
    const claimName =
      volume.ephemeral === undefined ? volume.persistentVolumeClaim?.claimName : `${pod.metadata.name}-${volume.name}`;
    if (claimName === undefined) return [];
    const claim = claimCache.get(`${pod.metadata.namespace}/${claimName}`);
    if (claim === undefined) return missing("persistentvolumeclaims", claimName);
    const volumeName = claim.spec.volumeName ?? "";
    const bound = volumeCache.get(volumeName);
    if (bound === undefined) return missing("persistentvolumes", volumeName);
    return bound.spec.csi === undefined ? [] : audiencesOf(bound.spec.csi.driver);
  };
}
