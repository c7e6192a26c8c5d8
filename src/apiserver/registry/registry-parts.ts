import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { SerialByKey } from "../../base/serial.ts";
import type { AdmissionStage } from "../chain/admit.ts";
import type { ServedResource } from "../resource-table.ts";
import type { WatchCache } from "../watch-cache.ts";
import type { ObjectWriter } from "./object-writer.ts";
import type { WriteHook } from "./write-hook.ts";

/** What writes work with. */
export interface RegistryParts {
  readonly cache: WatchCache;
  readonly writer: ObjectWriter;
  readonly admission: AdmissionStage;
  /** One write of an object at a time; keys are those of the store. */
  readonly serial: SerialByKey;
  readonly clock: Clock;
  readonly random: Random;
  hookOf(served: ServedResource): WriteHook | undefined;
}
