import { planGarbage } from "./plan-garbage.ts";
import type { PodContext } from "./pod-context.ts";

/** Removes what earlier attempts of a pod's containers have left behind. What cannot be removed now is tried again later. */
export async function removeGarbage(context: PodContext, podUid: string): Promise<void> {
  const { runtime, cache, logger } = context;
  const { containers, sandboxes } = planGarbage(cache.observe(podUid));
  const remove = async (id: string, removing: Promise<void>): Promise<void> => {
    try {
      await removing;
      cache.drop(id);
    } catch (error) {
      logger.warn("old container or sandbox not removed", { id, podUid, error });
    }
  };
  for (const id of containers) await remove(id, runtime.removeContainer(id));
  for (const id of sandboxes) await remove(id, runtime.removeSandbox(id));
}
