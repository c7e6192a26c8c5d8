import { joinFieldErrors } from "../../api/field-error.ts";
import { bindings, pods } from "../../api/resources.ts";
import { badRequest, conflict, unknownFailure } from "../../api/status-error.ts";
import type { Binding, Pod } from "../../api/types/core-v1.ts";
import type { Status } from "../../api/types/meta-v1.ts";
import { bindingObstacle, bindPod, validatePodBinding } from "../../resources/pod-binding.ts";
import { amendObject } from "../registry/amend.ts";
import type { RegistryParts } from "../registry/registry-parts.ts";
import type { ResourceTable } from "../resource-table.ts";
import type { SpecialRequest, SpecialResource } from "../special-resource.ts";

/** `pods/binding`, and the old way of posting a Binding by itself: both give a pod its node. */
export function createBindingResources(parts: RegistryParts, table: ResourceTable): SpecialResource<Binding>[] {
  const assign = async (request: SpecialRequest, binding: Binding, name: string): Promise<Status> => {
    if (binding.metadata.name !== name) throw badRequest("name in URL does not match name in Binding object");
    const errors = validatePodBinding(binding);
    if (errors.length > 0) throw unknownFailure(joinFieldErrors(errors));
    await bind(parts, table, request, binding, name);
    return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
  };
  return [
    {
      resource: pods,
      subresource: "binding",
      create: (request, body) => assign(request, body as Binding, request.attributes.name),
    },
    {
      resource: bindings,
      create: (request, body) => assign(request, body as Binding, body.metadata.name ?? ""),
    },
  ];
}

async function bind(
  parts: RegistryParts,
  table: ResourceTable,
  request: SpecialRequest,
  binding: Binding,
  name: string,
): Promise<void> {
  const change = (pod: Pod): Pod => {
    const obstacle = preconditionFault(pod, binding) ?? bindingObstacle(pod);
    if (obstacle !== undefined) throw conflict({ group: "", plural: "pods/binding" }, name, obstacle);
    return bindPod(pod, binding, parts.clock.nowMs());
  };
  const { namespace } = request.attributes;
  await amendObject(parts, table.of(pods), { namespace, name }, change, request.dryRun);
}

/** A binding may say which pod it means. */
function preconditionFault(pod: Pod, { metadata: { uid = "", resourceVersion = "" } }: Binding): string | undefined {
  if (uid !== "" && uid !== pod.metadata.uid)
    return `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`;
  if (resourceVersion !== "" && resourceVersion !== pod.metadata.resourceVersion)
    return (
      `Precondition failed: ResourceVersion in precondition: ${resourceVersion}, ` +
      `ResourceVersion in object meta: ${pod.metadata.resourceVersion}`
    );
  return undefined;
}
