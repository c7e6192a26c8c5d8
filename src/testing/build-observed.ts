import type { Container, Pod } from "../api/types/core-v1.ts";
import type { ContainerState, Sandbox } from "../kubelet/runtime.ts";
import { containerAnnotations, containerLabels } from "../kubelet/runtime-labels.ts";
import { findContainer } from "../resources/pod-status.ts";

/** When things of tests happen that do not say: 2026-01-01T00:00:00Z. */
const startMs = Date.UTC(2026, 0, 1);

/** A sandbox of `web` that runs, with the address 10.0.0.5. */
export function buildSandbox(overrides: Partial<Sandbox> = {}): Sandbox {
  return {
    id: "sandbox-0",
    name: "web",
    namespace: "default",
    uid: "uid-1",
    attempt: 0,
    ready: true,
    createdAtMs: startMs,
    ips: ["10.0.0.5"],
    labels: {},
    annotations: {},
    ...overrides,
  };
}

/**
 * A container of a pod as the runtime reports it: running since a second after the start of the test's time. One that
 * has exited did so ten seconds later, with code 0 unless another is given.
 */
export function buildContainer(pod: Pod, name: string, overrides: Partial<ContainerState> = {}): ContainerState {
  const spec = findContainer(pod.spec, name) ?? ({ name, resources: {} } as Container);
  const state = overrides.state ?? "running";
  const attempt = overrides.attempt ?? 0;
  const exitCode = overrides.exitCode ?? 0;
  return {
    id: `${name}-${attempt}`,
    sandboxId: "sandbox-0",
    name,
    attempt,
    state,
    createdAtMs: startMs + 500 + attempt,
    startedAtMs: state === "created" ? 0 : startMs + 1000,
    finishedAtMs: state === "exited" ? startMs + 11_000 : 0,
    exitCode,
    reason: state === "exited" ? (exitCode === 0 ? "Completed" : "Error") : "",
    message: "",
    image: spec.image ?? "",
    imageRef: `${spec.image ?? ""}@sha256:0123`,
    labels: containerLabels(pod, spec),
    annotations: containerAnnotations(pod, spec, attempt, ""),
    logPath: `/var/log/pods/default_web_uid-1/${name}/${attempt}.log`,
    ...overrides,
  };
}
