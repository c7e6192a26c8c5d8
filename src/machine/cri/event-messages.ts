import { many, message, one } from "../../api/protobuf.ts";

/** Messages of containerd's own event stream. Source: containerd's events and services APIs, version 1. */

export const subscribeRequest = message("SubscribeRequest", { filters: many(1, "string") });
export const envelope = message("Envelope", {
  namespace: one(2, "string"),
  topic: one(3, "string"),
  event: one(4, message("Event", { typeUrl: one(1, "string"), value: one(2, "bytes") })),
});

const taskStart = message("TaskStart", { containerId: one(1, "string") });
const taskOom = message("TaskOom", { containerId: one(1, "string") });
/** `id` is empty for the container's own process, else it names a command run in it. */
const taskDelete = message("TaskDelete", { containerId: one(1, "string"), id: one(5, "string") });
const containerDelete = message("ContainerDelete", { id: one(1, "string") });

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
