import type { Container, Pod } from "../../api/types/core-v1.ts";

/**
 * What events tell of a resize: the resources of all containers as JSON.
 * @param what for example `Pod resize started`
 * @param error what is in its way; empty for nothing
 */
export function resizeMessage(what: string, { spec }: Pod, generation: number, error: string): string {
  const list = (containers: readonly Container[] | undefined) =>
    containers?.map(({ name, resources: { limits, requests, claims } }) => ({
      name,
      resources: {
        ...(limits === undefined ? {} : { limits: byName(limits) }),
        ...(requests === undefined ? {} : { requests: byName(requests) }),
        ...(claims === undefined ? {} : { claims }),
      },
    }));
  const summary = {
    initContainers: list(spec.initContainers),
    containers: list(spec.containers),
    generation,
    error: error === "" ? undefined : error,
  };
  return `${what}: ${JSON.stringify(summary)}`;
}

function byName(list: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)));
}
