import { formatGoDuration } from "../../api/go-duration.ts";
import { goQuote } from "../../api/go-quote.ts";
import type { ObjectReference, Secret } from "../../api/types/core-v1.ts";
import type { Clock } from "../../base/clock.ts";
import { createSerialByKey } from "../../base/serial.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import { type ImageName, parseImageName } from "../../resources/image-name.ts";
import { errorText, messageOf } from "../pods/error-words.ts";
import { createKeyedBackoff, imagePullPolicy } from "../pods/keyed-backoff.ts";
import { StartError } from "../pods/start-error.ts";
import type { Image, Images } from "../runtime.ts";
import { createAccessRecords } from "./access-records.ts";
import { findCredentials, type PullCredential } from "./pull-credentials.ts";

/** What image is wanted, by whom. */
export interface ImageRequest {
  /** As the pod writes it. */
  readonly image: string;
  readonly policy: "Always" | "IfNotPresent" | "Never";
  readonly podUid: string;
  /** What events are about. */
  readonly subject: ObjectReference;
  readonly pullSecrets: readonly Secret[];
}

/** Sees to it that images are on the node. */
export interface ImageManager {
  /**
   * Finds an image, or fetches it.
   * @throws {StartError} with reason ErrImagePull, ImagePullBackOff, ErrImageNeverPull, InvalidImageName and their kin
   */
  ensure(request: ImageRequest, signal: AbortSignal): Promise<Image>;
  /** Forgets the delays of a pod's images. */
  forgetPod(podUid: string): void;
}

export interface ImageManagerOptions {
  readonly images: Images;
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  /** Fetch one image after another, as upstream does unless told otherwise. */
  readonly pullsSerially: boolean;
}

/** A failed pull is shown as such for this long before it is shown as waiting for the next. */
const showFailureMs = 2_000;

/** Creates a manager for the images of one runtime. */
export function createImageManager(options: ImageManagerOptions): ImageManager {
  const { images, clock, recorder } = options;
  const backoff = createKeyedBackoff(imagePullPolicy);
  const lastErrors = new Map<string, string>();
  const access = createAccessRecords();
  const serial = createSerialByKey();

  const neverPull = ({ image, subject }: ImageRequest): StartError => {
    const message = `Container image ${goQuote(image)} is not present with pull policy of Never`;
    recorder.record(subject, "Warning", "ErrImageNeverPull", message);
    return new StartError("ErrImageNeverPull", message);
  };

  const findPresent = async (request: ImageRequest, reference: string): Promise<Image | undefined> => {
    try {
      return await images.find(reference);
    } catch (error) {
      const message = `Failed to inspect image "": ${errorText(error)}`;
      recorder.record(request.subject, "Warning", "InspectFailed", message);
      throw new StartError("ImageInspectError", message, { cause: error });
    }
  };

  const pull = async (
    request: ImageRequest,
    reference: string,
    credentials: readonly PullCredential[],
    signal: AbortSignal,
  ): Promise<Image> => {
    const { image, podUid, subject } = request;
    const key = `${podUid}_${image}`;
    const nowMs = clock.nowMs();
    const waiting = backoff.waiting(key, lastAttempt.get(key) ?? nowMs, nowMs);
    if (waiting !== undefined) {
      const message = `Back-off pulling image ${goQuote(image)}`;
      recorder.record(subject, "Normal", "BackOff", message);
      const last = lastErrors.get(key);
      const text = last === undefined ? message : `${message}: ${last}`;
      throw new StartError("ImagePullBackOff", text, { retryAtMs: waiting.untilMs });
    }
    lastErrors.delete(key);
    recorder.record(subject, "Normal", "Pulling", `Pulling image ${goQuote(image)}`);
    const askedMs = clock.monotonicMs();
    let startedMs = askedMs;
    const fetch = (): Promise<Image> => {
      startedMs = clock.monotonicMs();
      return images.pull(reference, credentials, signal);
    };
    try {
      const pulled = await (options.pullsSerially ? serial.run("pull", fetch) : fetch());
      const doneMs = clock.monotonicMs();
      const [pullTime, wholeTime] = [doneMs - startedMs, doneMs - askedMs].map((ms) =>
        formatGoDuration(Math.trunc(ms)),
      );
      recorder.record(
        subject,
        "Normal",
        "Pulled",
        `Successfully pulled image ${goQuote(image)} in ${pullTime} (${wholeTime} including waiting). Image size: ${pulled.sizeBytes} bytes.`,
      );
      access.recordPull(pulled.id, credentials);
      return pulled;
    } catch (error) {
      signal.throwIfAborted();
      throw pullFailure(request, key, error);
    }
  };

  /** When the last attempt of each key failed. */
  const lastAttempt = new Map<string, number>();

  const pullFailure = ({ image, subject }: ImageRequest, key: string, error: unknown): StartError => {
    const nowMs = clock.nowMs();
    recorder.record(subject, "Warning", "Failed", `Failed to pull image ${goQuote(image)}: ${errorText(error)}`);
    backoff.attempt(key, nowMs, nowMs);
    lastAttempt.set(key, nowMs);
    const { reason, message } = classifyPullError(image, error);
    lastErrors.set(key, `${reason}: ${message}`);
    return new StartError(reason, message, { cause: error, retryAtMs: nowMs + showFailureMs });
  };

  return {
    async ensure(request, signal) {
      const { image, policy, subject } = request;
      const name = parseImageName(image);
      if (name === undefined) {
        const message = `Failed to apply default image tag ${goQuote(image)}: ${parseFault(image)}`;
        recorder.record(subject, "Warning", "InspectFailed", message);
        throw new StartError("InvalidImageName", message);
      }
      const reference = withTag(image, name);
      const present = policy === "Always" ? undefined : await findPresent(request, reference);
      if (present === undefined && policy === "Never") throw neverPull(request);
      const credentials = findCredentials(name.repository, request.pullSecrets);
      if (present !== undefined && access.mayUse(present.id, credentials)) {
        const message = `Container image ${goQuote(image)} already present on machine and can be accessed by the pod`;
        recorder.record(subject, "Normal", "Pulled", message);
        return present;
      }
      // A present image that the pod may not use is not given away as present.
      if (policy === "Never") throw neverPull(request);
      return await pull(request, reference, credentials, signal);
    },
    forgetPod(podUid) {
      backoff.forget(`${podUid}_`);
      for (const memory of [lastErrors, lastAttempt])
        for (const key of memory.keys()) if (key.startsWith(`${podUid}_`)) memory.delete(key);
    },
  };
}

/** The name as the runtime gets it: with the tag that is implied. */
function withTag(image: string, name: ImageName): string {
  return name.digest !== "" || image.endsWith(`:${name.tag}`) ? image : `${image}:${name.tag}`;
}

function parseFault(image: string): string {
  const cannot = `couldn't parse image name ${goQuote(image)}`;
  if (/^[a-f0-9]{64}$/.test(image))
    return `${cannot}: invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`;
  if (parseImageName(image.toLowerCase()) === undefined) return `${cannot}: invalid reference format`;
  const repository = image.split("@")[0]?.replace(/:[^/:]*$/, "") ?? image;
  const path = repository.includes("/") ? repository : `library/${repository}`;
  return `${cannot}: invalid reference format: repository name (${path}) must be lowercase`;
}

/** Errors that runtimes mark by how their message begins. */
const markedErrors: Readonly<Record<string, string>> = {
  RegistryUnavailable: "the registry is unavailable",
  SignatureValidationFailed: "the signature validation failed",
};

function classifyPullError(image: string, error: unknown): { readonly reason: string; readonly message: string } {
  const own = messageOf(error);
  for (const [reason, because] of Object.entries(markedErrors))
    if (own.startsWith(reason))
      return { reason, message: `image pull failed for ${image} because ${because}${own.slice(reason.length)}` };
  return { reason: "ErrImagePull", message: errorText(error) };
}
