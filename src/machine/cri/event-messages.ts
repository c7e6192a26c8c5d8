import { bytes, message, one, string, strings } from "../wire/message.ts";

/** Messages of containerd's own event stream. Source: containerd's events and services APIs, version 1. */

export const subscribeRequest = message({ filters: strings(1) });
export const envelope = message({
  namespace: string(2),
  topic: string(3),
  event: one(4, message({ typeUrl: string(1), value: bytes(2) })),
});

const taskStart = message({ containerId: string(1) });
const taskOom = message({ containerId: string(1) });
/** `id` is empty for the container's own process, else it names a command run in it. */
const taskDelete = message({ containerId: string(1), id: string(5) });
const containerDelete = message({ id: string(1) });

/** Events by topic. */
export const events = {
  "/tasks/start": taskStart,
  "/tasks/oom": taskOom,
  "/tasks/delete": taskDelete,
  "/containers/delete": containerDelete,
} as const;

export const subscribe = {
  path: "/containerd.services.events.v1.Events/Subscribe",
  request: subscribeRequest,
  response: envelope,
} as const;

/** Only Kubernetes' containers, only what the node agent acts upon. */
export const subscribeFilter = `namespace==k8s.io,topic~="^/(tasks/(start|oom|delete)|containers/delete)$"`;
