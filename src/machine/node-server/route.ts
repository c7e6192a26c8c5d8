/** What a request to the node's server is about. */
export type NodeRoute =
  | { readonly kind: "healthz" | "pods" | "runningPods" | "summary" | "resourceMetrics" }
  | { readonly kind: "logs"; readonly namespace: string; readonly pod: string; readonly container: string }
  | StreamRoute;

/** Requests that become streams. */
export type StreamRoute =
  | {
      readonly kind: "exec" | "attach";
      readonly namespace: string;
      readonly pod: string;
      /** When given, the pod must be this very one. */
      readonly uid?: string;
      readonly container: string;
    }
  | { readonly kind: "portForward"; readonly namespace: string; readonly pod: string; readonly uid?: string };

/** Finds out what a path means; undefined when nothing. Source: the kubelet's own API, v1.36. */
export function parseRoute(path: string): NodeRoute | undefined {
  const [first = "", ...rest] = path.split("/").slice(1).map(decodePart);
  if (rest.some((part) => part === undefined)) return undefined;
  const [namespace = "", pod = "", third = "", fourth] = rest as string[];
  switch (first) {
    case "healthz":
      return { kind: "healthz" };
    case "pods":
      return rest.length === 0 ? { kind: "pods" } : undefined;
    case "runningpods":
      return { kind: "runningPods" };
    case "stats":
      return rest.join("/") === "summary" ? { kind: "summary" } : undefined;
    case "metrics":
      return rest.join("/") === "resource" ? { kind: "resourceMetrics" } : undefined;
    case "containerLogs":
      return rest.length === 3 ? { kind: "logs", namespace, pod, container: third } : undefined;
    case "exec":
    case "attach":
      if (rest.length === 3) return { kind: first, namespace, pod, container: third };
      return rest.length === 4 ? { kind: first, namespace, pod, uid: third, container: fourth ?? "" } : undefined;
    case "portForward":
      if (rest.length === 2) return { kind: first, namespace, pod };
      return rest.length === 3 ? { kind: first, namespace, pod, uid: third } : undefined;
    default:
      return undefined;
  }
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not percent-encoded text: then it names nothing here.
    return undefined;
  }
}
