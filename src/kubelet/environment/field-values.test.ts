import { describe, expect, it } from "vitest";
import { buildPod } from "../../testing/build-pod.ts";
import { podFieldValue } from "./field-values.ts";

const pod = buildPod({
  metadata: {
    name: "web",
    namespace: "shop",
    labels: { tier: "front", "example.com/app": 'say "hi"' },
    annotations: { "example.com/Note": "two\nlines" },
  },
  spec: { serviceAccountName: "robot" },
});
const addresses = { podIps: ["10.0.0.5", "fd00::5"], hostIps: ["192.0.2.1", "2001:db8::1"] };

describe("podFieldValue", () => {
  it.each([
    ["metadata.name", "web"],
    ["metadata.namespace", "shop"],
    ["metadata.uid", "uid-1"],
    ["metadata.labels", 'example.com/app="say \\"hi\\""\ntier="front"'],
    ["metadata.annotations", 'example.com/Note="two\\nlines"'],
    ["metadata.labels['tier']", "front"],
    ["metadata.labels['none']", ""],
    ["metadata.labels['constructor']", ""],
    ["metadata.annotations['example.com/Note']", "two\nlines"],
    ["spec.nodeName", "node-1"],
    ["spec.host", "node-1"],
    ["spec.serviceAccountName", "robot"],
    ["status.hostIP", "192.0.2.1"],
    ["status.hostIPs", "192.0.2.1,2001:db8::1"],
    ["status.podIP", "10.0.0.5"],
    ["status.podIPs", "10.0.0.5,fd00::5"],
  ])("%s", (fieldPath, value) => {
    expect(podFieldValue(pod, { apiVersion: "v1", fieldPath }, addresses)).toBe(value);
  });

  it.each([
    ["spec.priority", "unsupported fieldPath: spec.priority"],
    ["spec.nodeName['x']", `fieldPath "spec.nodeName['x']" does not support subscript`],
    [
      "metadata.labels['a b']",
      "invalid key subscript in metadata.labels['a b']: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ],
  ])("%s is refused", (fieldPath, message) => {
    expect(() => podFieldValue(pod, { apiVersion: "v1", fieldPath }, addresses)).toThrow(message);
  });
});
