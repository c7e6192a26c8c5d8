import { componentStatuses } from "../api/resources.ts";
import { notFound } from "../api/status-error.ts";
import type { ComponentStatus } from "../api/types/core-v1.ts";
import type { HealthCheck } from "./health.ts";
import type { SpecialResource } from "./special-resource.ts";

/** Serves the old way of asking how the parts of the control plane are. */
export function createComponentStatusResource(components: readonly HealthCheck[]): SpecialResource {
  return {
    resource: componentStatuses,
    get({ attributes }) {
      const component = components.find(({ name }) => name === attributes.name);
      if (component === undefined) throw notFound({ group: "", plural: "componentstatus" }, attributes.name);
      return statusOf(component);
    },
    list: () => components.map(statusOf),
  };
}

function statusOf({ name, fault }: HealthCheck): ComponentStatus {
  const message = fault();
  const status = message === undefined ? "True" : "False";
  return {
    kind: "ComponentStatus",
    apiVersion: "v1",
    metadata: { name } as ComponentStatus["metadata"],
    conditions: [{ type: "Healthy", status, message: message ?? "ok" }],
  };
}
