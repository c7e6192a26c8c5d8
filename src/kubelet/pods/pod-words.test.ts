import { describe, expect, it } from "vitest";
import { buildPod } from "../../testing/build-pod.ts";
import { containerReference } from "./pod-words.ts";

describe("containerReference", () => {
  const pod = buildPod({
    spec: {
      initContainers: [
        { name: "init", image: "i:1" },
        { name: "other", image: "i:1" },
      ],
      containers: [{ name: "web", image: "web:1" }],
      ephemeralContainers: [{ name: "shell", image: "s:1" }],
    },
  });
  it.each([
    ["web", "spec.containers{web}"],
    ["init", "spec.initContainers{init}"],
    ["shell", "spec.ephemeralContainers{shell}"],
    ["gone", undefined],
  ])("tells where %s stands", (name, fieldPath) => {
    expect(containerReference(pod, { name })).toEqual({
      kind: "Pod",
      apiVersion: "v1",
      namespace: "default",
      name: "web",
      uid: "uid-1",
      resourceVersion: pod.metadata.resourceVersion,
      ...(fieldPath === undefined ? {} : { fieldPath }),
    });
  });
});
