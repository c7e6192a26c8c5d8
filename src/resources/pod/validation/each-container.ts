import type { FieldPath } from "../../../api/field-error.ts";
import type { Container, EphemeralContainer, PodSpec } from "../../../api/types/core-v1.ts";

/** Visits init containers, containers and ephemeral containers, in that order; paths are made when asked for. */
export function forEachContainer(
  spec: PodSpec,
  specPath: FieldPath,
  visit: (container: Container | EphemeralContainer, path: () => FieldPath) => void,
): void {
  const visitList = (field: string, list: readonly (Container | EphemeralContainer)[] | undefined): void => {
    if (list === undefined || list === null) return;
    for (let index = 0; index < list.length; index += 1)
      visit(list[index] as Container, () => specPath.child(field).index(index));
  };
  visitList("initContainers", spec.initContainers);
  visitList("containers", spec.containers);
  visitList("ephemeralContainers", spec.ephemeralContainers);
}
