import { namespaces } from "../../api/resources.ts";
import { fromStatus, notFound } from "../../api/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { LiveObjects } from "../live-objects.ts";
import { refuse } from "./refusal.ts";

/** Namespaces that the cluster cannot do without. */
const immortal: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);

/**
 * Keeps objects out of namespaces that do not exist or are going, and keeps the cluster's own namespaces.
 * Source: Kubernetes documentation, "Admission Control", NamespaceLifecycle.
 */
export function createNamespaceLifecycle(objects: LiveObjects): AdmissionPlugin {
  const cache = objects.of(namespaces).cache;
  return {
    name: "NamespaceLifecycle",
    handles: (_attributes, operation) => operation !== "connect",
    admit(request) {
      const { attributes, operation } = request;
      if (isNamespace(request)) {
        if (operation === "delete" && immortal.has(attributes.name))
          throw refuse(request, "this namespace may not be deleted");
        return;
      }
      if (attributes.namespace === "" || operation === "delete" || isAccessReview(request)) return;
      const namespace = cache.get(attributes.namespace);
      if (namespace === undefined) throw notFound(namespaces, attributes.namespace);
      if (operation === "create" && namespace.status.phase === "Terminating") throw refuseContent(request);
    },
  };
}

function isNamespace({ attributes }: AdmissionRequest): boolean {
  return attributes.group === "" && attributes.resource === "namespaces";
}

/** Whether a namespace exists must not be told to everyone who may ask about rights. */
function isAccessReview({ attributes }: AdmissionRequest): boolean {
  return attributes.group === "authorization.k8s.io" && attributes.resource === "localsubjectaccessreviews";
}

function refuseContent(request: AdmissionRequest): Error {
  const { namespace } = request.attributes;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { status } = refuse(request, why);
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  };
  return fromStatus({ ...status, details: { ...status.details, causes: [cause] } });
}
