import type { Input } from "../api/draft.ts";
import { pods } from "../api/resources.ts";
import type { Pod } from "../api/types/core-v1.ts";
import { buildObject } from "./build-object.ts";

/**
 * A pod as a node agent would receive it, bound to `node-1`. What is left out of `input`: name `web`, uid `uid-1` and
 * one container `web` of image `web:1`.
 */
export function buildPod(input: Input<Pod> = {}): Pod {
  return buildObject(pods, {
    ...input,
    metadata: { uid: "uid-1", ...input.metadata },
    spec: { nodeName: "node-1", containers: [{ name: "web", image: "web:1" }], ...input.spec },
    status: { phase: "Pending", ...input.status },
  });
}
